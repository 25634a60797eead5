"""NovelAI's signature, which binds the settings of a generation to the pixels they made."""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from provenance.decode.lossless_pixels import Pixels, decode_rows, find_coding
from provenance.evidence.carriers.exif import Exif
from provenance.evidence.carriers.stealth import Stealth
from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.text.parse_text import normalise_key, parse_json_object
from provenance.media import types
from provenance.media.formats import png
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Standing

NOVELAI = base64.b64decode("Y2JcQAOhLwzwSDUJPNgL04nS0Tbqm7cSRc4xk0vRMic=")
"""The Ed25519 key that NovelAI published with its own verifier, github.com/NovelAI/novelai-image-metadata."""

_KEY = "signed_hash"
_SETTINGS_FIELDS = frozenset({"comment", "usercomment", "parameters"})
"""Fields, by their normalised names, in which NovelAI's settings are stored."""
_MOST_SIGNATURES = 4
"""Signatures verified in one file; NovelAI writes two."""


class SignedHash(Carrier):
    """The signature `signed_hash` in NovelAI's settings: Ed25519 over the colours of all pixels and the other settings.

    It can only be verified while the pixels are exactly as NovelAI wrote them. For pictures that are not losslessly
    coded nothing is reported.
    """

    name: ClassVar[str] = "signed_hash"
    title: ClassVar[str] = "NovelAI's signature over pixels and settings"
    media: ClassVar[frozenset[str]] = frozenset({types.PNG, types.WEBP})

    def __init__(self, key: bytes = NOVELAI) -> None:
        """`key` is the public half, 32 bytes."""
        self._key = key

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report whether each signature holds: `valid` with standing signed, or `invalid` with standing broken."""
        for place, settings in itertools.islice(_find_signed_settings(source), _MOST_SIGNATURES):
            samples = _decode_colours(source)
            if samples is None:
                return
            where = f"{_KEY} in {place}, over the colours of all pixels"
            if self._verify(settings, samples):
                yield Statement(self.name, where, _KEY, "valid", Standing.SIGNED)
            else:
                yield Statement(self.name, where, _KEY, "invalid", Standing.BROKEN)

    def _verify(self, settings: Mapping[str, object], samples: Pixels) -> bool:
        # Imported here: few files need it, and it takes long to load.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        # NovelAI signs the settings as Python's `json.dumps` writes them, so they are written anew in that way.
        signed_settings = {key: value for key, value in settings.items() if key != _KEY}
        try:
            signature = base64.b64decode(str(settings[_KEY]))
            # Alpha is not signed: it is where NovelAI hides the settings in the pixels.
            message = samples[..., :3].tobytes() + json.dumps(signed_settings).encode()
            Ed25519PublicKey.from_public_bytes(self._key).verify(signature, message)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def _decode_colours(source: Source) -> Pixels | None:
    """Decode the whole picture; None if its coding does not keep colours exactly, or it cannot be decoded.

    `source` keeps decoded rows, so a second call costs nothing.
    """
    coding = find_coding(source)
    if coding is None or not coding.exact_colours:
        return None
    return decode_rows(source, coding, coding.height)


def _find_signed_settings(source: Source) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Find settings with a signature, and the place of each."""
    for place, text in _find_texts(source):
        if settings := _load_signed_settings(text):
            yield place, settings


def _find_texts(source: Source) -> Iterator[tuple[str, str]]:
    """Find the texts in which settings may be stored, and the place of each."""
    # In a PNG the settings are in text chunks, in a WebP in EXIF; in both they may be hidden in the pixels.
    readers: tuple[Carrier, ...] = (Exif(), Stealth())
    if source.media_type == types.PNG:
        yield from _find_png_comments(source)
        readers = (Stealth(),)
    for reader in readers:
        for row in reader.read(source):
            if isinstance(row, Statement) and normalise_key(row.key) in _SETTINGS_FIELDS:
                yield row.where, row.value


def _find_png_comments(source: Source) -> Iterator[tuple[str, str]]:
    bytes_left = source.limits.inflated
    # The carrier of PNG text reports damage.
    with contextlib.suppress(MalformedContainer):
        for chunk in png.walk_chunks(source):
            if chunk.kind not in png.TEXT_KINDS or source.at(chunk.offset, 8) != b"Comment\0":
                continue
            text = png.read_text(source, chunk, bytes_left)
            data = text.data if text else b""
            bytes_left -= len(data)
            yield f'{chunk.kind} chunk "Comment" at byte {chunk.offset - 8}', decode_text(data)


def _load_signed_settings(text: str) -> Mapping[str, object]:
    """Load settings, bare or as a text under `Comment`; empty if they are not signed."""
    # Texts can be megabytes of JSON; most have no signature and need not be parsed.
    if _KEY not in text:
        return {}
    settings = parse_json_object(text)
    comment = settings.get("Comment")
    if isinstance(comment, str):
        settings = parse_json_object(comment)
    if not isinstance(settings.get(_KEY), str):
        return {}
    return settings
