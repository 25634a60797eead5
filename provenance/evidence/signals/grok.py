"""Grok: a signature and a number, which count only together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SIGNATURE = re.compile(r"Signature: ?[A-Za-z0-9+/]{296,1004}={0,2}")
_SIGNATURE_FIELDS = frozenset({"imagedescription", "usercomment"})


class Grok(Signal):
    """Recognised by an ImageDescription that is a bare signature, with a UUID as Artist."""

    name = "grok"
    title = "Grok signature pair"
    written_by = (
        "xAI Grok in the EXIF of its JPEG files: ImageDescription (sometimes UserComment) `Signature: <base64>` and a "
        "UUID as Artist."
    )
    trust = (
        "A tool's own trace: it is not published how the signature is made, so it cannot be verified. Lost by any "
        "re-save."
    )
    traps = (
        "A UUID as Artist alone, or a signature alone, does not count: other services and asset managers write them."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence that rests on the signature, if the file has both halves of the pair."""
        # Either half alone is found in files of other services. They need not be in the same block of metadata.
        rows = list(select_visible(statements))
        number = _find_artist_number(rows)
        signature = _find_signature(rows)
        if number and signature:
            detail = f"The file has a bare signature as description and the number {number} as artist, as Grok does."
            yield make_evidence(self.name, signature, Origin.GENERATED, detail, tool="Grok")


def _find_artist_number(statements: Sequence[Statement]) -> str | None:
    for statement in statements:
        artist = statement.value.strip()
        if normalise_key(statement.key) == "artist" and UUID.fullmatch(artist):
            return artist
    return None


def _find_signature(statements: Sequence[Statement]) -> Statement | None:
    for statement in statements:
        text = statement.value.strip("\0 \n")
        if normalise_key(statement.key) in _SIGNATURE_FIELDS and _SIGNATURE.fullmatch(text):
            return statement
    return None
