"""Signed notes and checkpoints of a log, as C2SP defines them.

https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint: a checkpoint is a signed note whose text says of a
log who it is, how many entries it has, and the root of the RFC 6962 Merkle tree over them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from provenance.signing.keys import PublicKey, SigningKey, decode_base64

_DASH = "\u2014 "
"""An em dash and a space begin each signature line."""
_ED25519 = b"\x01"
"""Identifies the kind of signature in the id of a key."""
_ID_SIZE = 4
_HASH_SIZE = 32
_FIRST_PRINTABLE = " "
MAX_SIZE = 64 * 1024
"""Bytes of a note that are read."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log said of itself."""

    origin: str
    """Identity of the log."""
    size: int
    """Number of entries."""
    root: bytes
    """Root of the RFC 6962 Merkle tree over them: 32 bytes."""

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its signature lines. Others than the log may have signed it, for what they saw."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the log itself signed with this key. Lines of other keys are passed over, as the format demands."""
        name = self.checkpoint.origin
        key_id = make_key_id(name, key)
        own = [line for line in self.signatures if line.name == name and line.key_id == key_id]
        text = self.checkpoint.text.encode()
        return bool(own) and all(key.is_signature(line.signature, text) for line in own)


def sign(key: SigningKey, checkpoint: Checkpoint) -> bytes:
    """The bytes of the signed note. The name of the key is the origin of the log."""
    name = checkpoint.origin
    signature = make_key_id(name, key.public) + key.sign(checkpoint.text.encode())
    line = f"{_DASH}{name} {base64.b64encode(signature).decode('ascii')}\n"
    return f"{checkpoint.text}\n{line}".encode()


def parse(raw: bytes) -> SignedCheckpoint:
    """The checkpoint in a signed note. Raises `ValueError` for anything else. Checks no signature."""
    note = raw.decode()
    if any(character < _FIRST_PRINTABLE and character != "\n" for character in note):
        raise ValueError("the note contains control characters")
    text, separator, signed = note.rpartition("\n\n")
    if not separator or not signed.endswith("\n"):
        raise ValueError("not a signed note")
    checkpoint = parse_text(f"{text}\n")
    return SignedCheckpoint(checkpoint, tuple(map(_parse_line, signed[:-1].split("\n"))))


def parse_text(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Raises `ValueError` for anything but its three lines."""
    lines = text.split("\n")
    # Extension lines are allowed, but nobody can check what they say: this program writes none and takes none.
    if len(lines) != 4 or not lines[0]:
        raise ValueError("not the three lines of a checkpoint")
    size = int(lines[1])
    root = decode_base64(lines[2])
    checkpoint = Checkpoint(lines[0], size, root)
    if len(root) != _HASH_SIZE or size < 0 or checkpoint.text != text:
        raise ValueError("not the three lines of a checkpoint")
    return checkpoint


def _parse_line(line: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name or not separator:
        raise ValueError("not a signature line")
    packed = decode_base64(encoded)
    return NoteSignature(name, packed[:_ID_SIZE], packed[_ID_SIZE:])


def make_key_id(name: str, key: PublicKey) -> bytes:
    """Four bytes that tell which key a line was signed with."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()[:_ID_SIZE]
