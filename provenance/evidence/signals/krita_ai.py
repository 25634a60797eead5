"""Krita AI Diffusion, recognised by the names of the layers that it adds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_LAYER_NAME = re.compile(r"\[Generated\] (.{0,400}) \((\d{1,20})\)", re.DOTALL)
"""A prompt, cut after 200 letters, and the seed."""
_LONGEST_NAME = 512
"""Characters of a layer's name that are compared."""


class KritaAi(Signal):
    """Recognised by a layer named `[Generated] <prompt> (<seed>)`."""

    name = "krita_ai"
    title = "Krita AI Diffusion layers"
    written_by = (
        "The plug-in Krita AI Diffusion names the layers that it adds to a document `[Generated] <prompt> (<seed>)`. "
        "The name stays in Krita and OpenRaster documents, and in PSD files that Krita exports. The pictures that it "
        "saves itself hold the settings of other interfaces or a digital source type, which other signals read."
    )
    trust = (
        "A tool's own trace: unsigned, and anybody can rename a layer. Such a layer is a part of the document and may "
        "be hidden: the document is reported as partly generated."
    )
    traps = "A layer that somebody named `Generated`: only the whole form with the seed counts."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier, for the first such layer."""
        yield from keep_first_per_carrier(self._find_layers(statements))

    def _find_layers(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            if normalise_key(statement.key) != "layer name":
                continue
            layer = _LAYER_NAME.fullmatch(strip_padding(statement.value[:_LONGEST_NAME]))
            if layer:
                used = make_usage(layer[1], seed=layer[2])
                detail = add_usage("The document has a layer that Krita AI Diffusion generated", used)
                yield make_evidence(
                    self.name, statement, Origin.PARTLY_GENERATED, detail, tool="Krita AI Diffusion", used=used
                )
