"""Generators whose only mark is their exact name in one exact field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_MAKER = frozenset({"make"})
_PROGRAM = frozenset({"software", "creatortool"})
_NAMES = (
    (_MAKER, re.compile(r"ideogram ai"), "Ideogram"),
    (_MAKER | _PROGRAM, re.compile(r"aphrodite ai"), "Aphrodite AI"),
    (_PROGRAM, re.compile(r"reve\.com"), "Reve"),
    (frozenset({"creatortool"}), re.compile(r"adobe firefly"), "Adobe Firefly"),
    # The reference code of FLUX, which many others copied: `AI generated;txt2img;flux`, `AI generated;img2img;flux2`.
    (_MAKER, re.compile(r"black forest labs"), "FLUX"),
    (_PROGRAM, re.compile(r"ai generated;[\w;.+ -]{1,60}"), "FLUX"),
    (_PROGRAM, re.compile(r"imaginairy / stable diffusion .{1,40}"), "imaginAIry"),
    (_PROGRAM, re.compile(r"mflux \d[\w.+-]{0,30}|mflux unknown"), "MFLUX"),
    (_PROGRAM, re.compile(r"(?:artbot|stable ui) - create images with stable diffusion.{0,60}"), "AI Horde"),
    (_MAKER | _PROGRAM | {"model"}, re.compile(r"apple image playground"), "Apple Image Playground"),
)
"""Fields, what their whole value must be, case folded, and the generator that writes it there."""
_LONGEST_NAME = 128
"""Characters of a value that are compared."""


class NamedSoftware(Signal):
    """Recognised if field and value are both exactly those of the generator."""

    name = "named_software"
    title = "Generators by name"
    written_by = (
        "Ideogram (EXIF Make `Ideogram AI`), Aphrodite (EXIF Make or Software `Aphrodite AI`), Reve (EXIF Software or "
        "xmp:CreatorTool `reve.com`), Adobe Firefly (xmp:CreatorTool `Adobe Firefly`), the reference code of FLUX and "
        "its copies (EXIF Make `Black Forest Labs`, Software `AI generated;txt2img;flux`), imaginAIry (EXIF Software "
        "`Imaginairy / Stable Diffusion …`), MFLUX (xmp:CreatorTool `MFLUX …`), ArtBot and Stable UI (EXIF Software), "
        "Apple's Image Playground (reported for the fields of the camera)."
    )
    trust = "A tool's own trace: a bare name, easily removed and easily written."
    traps = (
        "The same names in captions, keywords, credits or file names, and names that only contain them: `Adobe "
        "Photoshop`, `Adobe Illustrator`, an article about Firefly."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_names(statements))

    def _find_names(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            tool = _find_tool(normalise_key(statement.key), strip_padding(statement.value[:_LONGEST_NAME]).casefold())
            if tool:
                key = shorten(statement.key, 40)
                detail = (
                    f'The field {key} contains "{shorten(statement.value, 40)}", the name that {tool} writes there.'
                )
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool)


def _find_tool(field: str, value: str) -> str | None:
    for fields, name, tool in _NAMES:
        # The whole value is compared: names that contain these belong to other programs, or to an article.
        if field in fields and name.fullmatch(value):
            return tool
    return None
