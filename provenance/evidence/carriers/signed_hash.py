"""NovelAI's signature, which binds the settings of a generation to the pixels they made."""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from provenance.evidence.carriers.exif import Exif
from provenance.evidence.carriers.stealth import Stealth
from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.text.vocabulary import load_object, name
from provenance.media.decode.samples import Samples, find_coding, rows
from provenance.media.formats import png
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Standing

NOVELAI = base64.b64decode("Y2JcQAOhLwzwSDUJPNgL04nS0Tbqm7cSRc4xk0vRMic=")
"""The Ed25519 key that NovelAI published with its own verifier, github.com/NovelAI/novelai-image-metadata."""

_FIELDS = frozenset({"comment", "usercomment", "parameters"})
_MOST = 4
"""Signatures looked at in one file; NovelAI writes two."""


class SignedHash(Carrier):
    """`signed_hash` in NovelAI's settings: Ed25519 over the colours of all pixels and the settings without it.

    The settings are signed as Python's `json.dumps` writes them anew. Only pictures that keep their colours exactly can
    be held against it; of the others nothing is said.
    """

    name: ClassVar[str] = "signed_hash"
    title: ClassVar[str] = "NovelAI's signature over pixels and settings"
    media: ClassVar[frozenset[str]] = frozenset({"image/png", "image/webp"})

    def __init__(self, key: bytes = NOVELAI) -> None:
        """`key`: 32 bytes, the public half."""
        self._key = key

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield for each signature whether it holds: `valid`, standing signed, or `invalid`, standing broken."""
        signed = ((place, _settings(text)) for place, text in _texts(source))
        for place, settings in itertools.islice((row for row in signed if row[1]), _MOST):
            coding = find_coding(source)
            samples = rows(source, coding, coding.height) if coding and coding.colours else None
            if samples is None:
                return
            where = f"signed_hash in {place}, over the colours of all pixels"
            if self._holds(settings, samples):
                yield Statement(self.name, where, "signed_hash", "valid", Standing.SIGNED)
            else:
                yield Statement(self.name, where, "signed_hash", "invalid", Standing.BROKEN)

    def _holds(self, settings: Mapping[str, object], samples: Samples) -> bool:
        from cryptography.exceptions import InvalidSignature  # few files need it, and it takes long to load
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        signed = {key: value for key, value in settings.items() if key != "signed_hash"}
        try:
            signature = base64.b64decode(str(settings["signed_hash"]))
            message = samples[..., :3].tobytes() + json.dumps(signed).encode()
            Ed25519PublicKey.from_public_bytes(self._key).verify(signature, message)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _texts(source: Source) -> Iterator[tuple[str, str]]:
    """The places where such settings stand, and what is written there."""
    if source.media_type == "image/png":
        yield from _comments(source)
    readers = (Stealth(),) if source.media_type == "image/png" else (Exif(), Stealth())
    for reader in readers:
        for row in reader.read(source):
            if isinstance(row, Statement) and name(row.key) in _FIELDS:
                yield row.where, row.value


def _comments(source: Source) -> Iterator[tuple[str, str]]:
    left = source.limits.inflated
    with contextlib.suppress(MalformedContainer):  # the carrier of PNG text tells of damage
        for chunk in png.chunks(source):
            if chunk.kind in png.TEXTS and source.at(chunk.offset, 8) == b"Comment\0":
                data = text.data if (text := png.text_of(source, chunk, left)) else b""
                left -= len(data)
                yield f'{chunk.kind} chunk "Comment" at byte {chunk.offset - 8}', decoded(data)


def _settings(text: str) -> Mapping[str, object]:
    """The settings, bare or as a text under `Comment`; empty where they are not signed."""
    outer = load_object(text) if "signed_hash" in text else {}
    inner = outer.get("Comment")
    settings = load_object(inner) if isinstance(inner, str) else outer
    return settings if isinstance(settings.get("signed_hash"), str) else {}
