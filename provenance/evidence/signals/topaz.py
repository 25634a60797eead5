"""Topaz: enlarging, sharpening and denoising by trained models. Enhancement, not generation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_PRODUCT = re.compile(
    r"Topaz (?:Labs )?(?:Photo|Video|Video Enhance|Gigapixel|Sharpen|DeNoise)(?: AI)?\b.{0,60}", re.IGNORECASE
)
_MODEL = re.compile(r"\busing ([a-z]{2,12}-\d{1,2})\b")
_VERSION = re.compile(r"(?:AI|Gigapixel|Topaz \w{1,20}) v?(\d[\d.]{0,12})", re.IGNORECASE)
_READ = 256
_MARKS = {
    "software": _PRODUCT,
    "creatortool": _PRODUCT,
    "imagedescription": re.compile(r"Upscaled with (?:Topaz )?Gigapixel v?\d.{0,200}", re.IGNORECASE | re.DOTALL),
    "videoai": re.compile(r".*\S.*", re.DOTALL),
}


class Topaz(Signal):
    """Its name as software, its description, or the tag `videoai` of its movies."""

    name = "topaz"
    title = "Topaz enhancement"
    written_by = (
        "Topaz Photo AI (EXIF Software, xmp:CreatorTool), Gigapixel (ImageDescription `Upscaled with Gigapixel v…`), "
        "Topaz Video AI (container tag `videoai`, `Enhanced using prob-3 …`)."
    )
    trust = "A tool's own trace: it tells that pixels were changed by a trained model, not that content was made."
    traps = "It is an enhancer: camera material stays camera material. The name in a caption is nothing."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier."""
        yield from keep_first_per_carrier(self._marks(statements))

    def _marks(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in select_visible(statements):
            pattern = _MARKS.get(normalise_key(statement.key))
            if pattern and pattern.fullmatch(statement.value[:_READ].strip("\0 \t\r\n")):
                words = shorten(statement.value, 120)
                detail = f'The field {shorten(statement.key, 40)} says "{words}": enhanced by a trained model of Topaz.'
                yield make_evidence(
                    self.name, statement, Origin.ENHANCED, detail, tool="Topaz", used=_used(statement.value[:_READ])
                )


def _used(text: str) -> Used:
    model, version = _MODEL.search(text), _VERSION.search(text)
    return make_used(model=model[1] if model else "", version=version[1] if version else "")
