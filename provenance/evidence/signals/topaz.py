"""Topaz: enlarging, sharpening and denoising by trained models. Enhancement, not generation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten, strip_padding
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_PRODUCT = re.compile(
    r"Topaz (?:Labs )?(?:Photo|Video|Video Enhance|Gigapixel|Sharpen|DeNoise)(?: AI)?\b.{0,60}", re.IGNORECASE
)
_PATTERNS = {
    "software": _PRODUCT,
    "creatortool": _PRODUCT,
    "imagedescription": re.compile(r"Upscaled with (?:Topaz )?Gigapixel v?\d.{0,200}", re.IGNORECASE | re.DOTALL),
    "videoai": re.compile(r".*\S.*", re.DOTALL),
}
"""Field, and what its whole value must be. `videoai` is a tag of Topaz's own, so any text counts."""
_MODEL = re.compile(r"\busing ([a-z]{2,12}-\d{1,2})\b")
_VERSION = re.compile(r"(?:AI|Gigapixel|Topaz \w{1,20}) v?(\d[\d.]{0,12})", re.IGNORECASE)
_LONGEST_VALUE = 256
"""Characters of a value that are compared."""


class Topaz(Signal):
    """Recognised by its name as software, by its description, or by the tag `videoai` of its movies."""

    name = "topaz"
    title = "Topaz enhancement"
    written_by = (
        "Topaz Photo AI (EXIF Software, xmp:CreatorTool), Gigapixel (ImageDescription `Upscaled with Gigapixel v…`), "
        "Topaz Video AI (container tag `videoai`, `Enhanced using prob-3 …`)."
    )
    trust = "A tool's own trace: it says that a trained model changed pixels, not that it made content."
    traps = "It is an enhancer: camera material stays camera material. The name in a caption does not count."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._find_marks(statements))

    def _find_marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            # The value must be Topaz's from its first word on: a caption may mention the program.
            pattern = _PATTERNS.get(normalise_key(statement.key))
            beginning = statement.value[:_LONGEST_VALUE]
            if pattern and pattern.fullmatch(strip_padding(beginning)):
                key = shorten(statement.key, 40)
                value = shorten(statement.value, 120)
                detail = f'The field {key} contains "{value}": a trained model of Topaz enhanced the content.'
                used = _make_usage(beginning)
                yield make_evidence(self.name, statement, Origin.ENHANCED, detail, tool="Topaz", used=used)


def _make_usage(text: str) -> Used:
    model = _MODEL.search(text)
    version = _VERSION.search(text)
    return make_usage(model=model[1] if model else "", version=version[1] if version else "")
