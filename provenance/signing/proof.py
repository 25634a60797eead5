"""Inclusion proofs as C2SP defines them (https://c2sp.org/tlog-proof): one entry of a log, and nothing else of it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from provenance import merkle
from provenance.signing import note
from provenance.signing.keys import decode_base64
from provenance.signing.note import SignedCheckpoint

HEADER = "c2sp.org/tlog-proof@v1"
MAX_SIZE = 16 * 1024 * 1024
"""Bytes of a proof that are read."""
_EXTRA, _INDEX = "extra ", "index "


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """What a proof says. Only what follows from the signed checkpoint can be believed."""

    extra: bytes
    """Whatever is needed to compute the leaf. Nobody vouches for it: it is right if the leaf is."""
    index: int
    """Number of the entry, from 0."""
    path: tuple[bytes, ...]
    """Hashes from the sibling of the leaf up to a child of the root."""
    checkpoint: bytes
    """The signed note."""

    @property
    def signed(self) -> SignedCheckpoint:
        """The checkpoint. Raises `ValueError` when it is none."""
        return note.parse(self.checkpoint)

    def contains(self, leaf: bytes) -> bool:
        """Whether the log of the checkpoint has this leaf at this place."""
        checkpoint = self.signed.checkpoint
        digest = merkle.hash_leaf(leaf)
        return merkle.compute_root_from_proof(digest, self.index, checkpoint.size, self.path) == checkpoint.root


def render(proof: InclusionProof) -> bytes:
    """The bytes of a `.tlog-proof` file."""
    lines = [HEADER, f"{_EXTRA}{_encode(proof.extra)}", f"{_INDEX}{proof.index}", *map(_encode, proof.path)]
    return "\n".join(lines).encode("ascii") + b"\n\n" + proof.checkpoint


def parse(raw: bytes) -> InclusionProof:
    """The proof in the bytes of a file. Raises `ValueError` for anything else. Checks nothing."""
    head, separator, checkpoint = raw.partition(b"\n\n")
    header, *lines = head.decode("ascii").split("\n")
    if header != HEADER or not separator:
        raise ValueError("not an inclusion proof")
    extra = b""
    if lines and lines[0].startswith(_EXTRA):
        extra = decode_base64(lines.pop(0).removeprefix(_EXTRA))
    if not lines or not lines[0].startswith(_INDEX):
        raise ValueError("the number of the entry is missing")
    number = lines.pop(0).removeprefix(_INDEX)
    index = int(number)
    if str(index) != number or index < 0:
        raise ValueError("the number of the entry is not one")
    return InclusionProof(extra, index, tuple(map(decode_base64, lines)), checkpoint)


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
