"""Grok: a signature and a number, which count only together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SIGNATURE = re.compile(r"Signature: ?[A-Za-z0-9+/]{296,1004}={0,2}")
_FIELDS = frozenset({"imagedescription", "usercomment"})


class Grok(Signal):
    """An ImageDescription that is a bare signature, with a UUID as Artist."""

    name = "grok"
    title = "Grok signature pair"
    written_by = (
        "xAI Grok in the EXIF of its JPEG files: ImageDescription (sometimes UserComment) `Signature: <base64>` and a "
        "UUID as Artist."
    )
    trust = (
        "A tool's own trace; how the signature is made is not published, so it cannot be checked. Lost by a re-save."
    )
    traps = "A UUID as Artist alone, or a signature alone, is nothing: other services and asset managers write them."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence resting on the signature, if both halves are there."""
        rows = list(select_visible(statements))
        artists = [row.value.strip() for row in rows if normalise_key(row.key) == "artist" and UUID.fullmatch(row.value.strip())]
        signatures = (
            row for row in rows if normalise_key(row.key) in _FIELDS and _SIGNATURE.fullmatch(row.value.strip("\0 \n"))
        )
        if artists and (signature := next(signatures, None)):
            detail = f"A signature as description and the number {artists[0]} as artist: the pair that Grok writes."
            yield make_evidence(self.name, signature, Origin.GENERATED, detail, tool="Grok")
