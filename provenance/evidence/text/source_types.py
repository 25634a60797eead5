"""The vocabulary of digital source types: what each code says about the origin of an asset.

It holds the IPTC NewsCodes, the two codes that C2PA adds, and the retired ones. The names of C2PA signals come from the
C2PA asset rubric for signals, version 1.0.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from provenance.model.vocabulary import Origin

_URI = re.compile(
    # A whole address of IPTC or C2PA, with or without its scheme, with the code as a path or a fragment ...
    r"(?:(?:https?://)?(?:cv\.iptc\.org/newscodes|c2pa\.org)/digitalsourcetype(?:/|/?#)"
    # ... or of schema.org, which has the same vocabulary ...
    r"|(?:https?://)?schema\.org/"
    # ... or the prefixes of IPTC's QCodes, or nothing before the code.
    r"|(?:digitalsourcetype|digsrctype):)?([a-z]+)/?",
    re.IGNORECASE,
)
_SCHEMA_ORG_SUFFIX = "digitalsource"
"""How the names of schema.org end: `TrainedAlgorithmicMediaDigitalSource`."""
_LONGEST_VALUE = 256
"""Characters of a value that are compared."""


class SourceType(NamedTuple):
    """One code of the vocabulary, with its meaning."""

    code: str
    origin: Origin | None
    """The origin that the code declares; None if it says nothing about generation."""
    meaning: str
    """The code in plain words, to follow "which means:"."""
    inception: str | None = None
    """The C2PA signal of this code if the asset began with it; None if the rubric names none."""
    clears: bool = False
    """Whether this code can clear an asset if its maker is trusted: it cannot hide earlier generated content."""


_ALL = (
    # Generated, wholly or in part.
    SourceType("trainedAlgorithmicMedia", Origin.GENERATED, "made by generative AI", "fullyGenAIMedia"),
    SourceType(
        "compositeWithTrainedAlgorithmicMedia",
        Origin.PARTLY_GENERATED,
        "has parts made by generative AI, such as inpainting or outpainting",
        "partlyGenAICreation",
    ),
    SourceType("compositeSynthetic", Origin.PARTLY_GENERATED, "a composite with at least one synthetic element"),
    SourceType("trainedAlgorithmicData", Origin.GENERATED, "data made by generative AI"),
    # What these show may be generated.
    SourceType(
        "composite",
        Origin.POSSIBLY_GENERATED,
        "a composite whose elements may be made by generative AI",
        "compositionMayContainGenAI",
    ),
    SourceType(
        "digitalArt", Origin.POSSIBLY_GENERATED, "digital art, a retired code that does not say how it was made"
    ),
    SourceType(
        "screenCapture",
        Origin.POSSIBLY_GENERATED,
        "a screen capture, which may show generated content",
        "screenCaptureMayContainGenAI",
    ),
    SourceType(
        "virtualRecording", Origin.POSSIBLY_GENERATED, "a recording of a virtual event, parts of which may be generated"
    ),
    SourceType("algorithmicallyEnhanced", Origin.ENHANCED, "enhanced by an algorithm without changing what it shows"),
    # These say nothing about generative AI.
    SourceType("algorithmicMedia", None, "made by an algorithm without training data"),
    SourceType("dataDrivenMedia", None, "made from data"),
    SourceType("empty", None, "a blank canvas", "blankCanvas"),
    # Captured. Scans do not clear: what lay on the scanner may have been generated.
    SourceType("digitalCapture", Origin.CAPTURED, "captured by a digital device", "capturedMedia", clears=True),
    SourceType(
        "computationalCapture",
        Origin.CAPTURED,
        "captured by a device that combines several exposures",
        "capturedMedia",
        clears=True,
    ),
    SourceType("compositeCapture", Origin.CAPTURED, "stitched from captures", "capturedMediaStitched", clears=True),
    SourceType("negativeFilm", Origin.CAPTURED, "a scan of a negative"),
    SourceType("positiveFilm", Origin.CAPTURED, "a scan of a slide or positive film"),
    SourceType("print", Origin.CAPTURED, "a scan of a print, whatever the print shows"),
    # Made by people or by software that is not generative.
    SourceType(
        "digitalCreation", Origin.CREATED, "made by a person with digital tools", "nonGenAIDigitalCreation", clears=True
    ),
    SourceType("softwareImage", Origin.CREATED, "made with software, a retired code"),
    SourceType("humanEdits", Origin.CREATED, "edited by people with tools that are not generative"),
    SourceType("minorHumanEdits", Origin.CREATED, "with small edits by people, a retired code"),
)
_BY_CODE = {kind.code.casefold(): kind for kind in _ALL}
# A misspelling that real files contain: "composited".
_BY_CODE["compositedwithtrainedalgorithmicmedia"] = _BY_CODE["compositewithtrainedalgorithmicmedia"]


# Labels of the vocabulary in English, of today and of its earlier versions. Programs print them in place of the code,
# and some save what they print.
_CODE_BY_LABEL = {
    "created using generative ai": "trainedalgorithmicmedia",
    "edited using generative ai": "compositewithtrainedalgorithmicmedia",
    "composite including generative ai elements": "compositesynthetic",
    "composite including synthetic elements": "compositesynthetic",
    "composite of elements": "composite",
    "algorithmically altered media": "algorithmicallyenhanced",
    "algorithmically enhanced media": "algorithmicallyenhanced",
    "pure algorithmic media": "algorithmicmedia",
    "virtual event recording": "virtualrecording",
    "digital capture sampled from real life": "digitalcapture",
    "original digital capture sampled from real life": "digitalcapture",
    "original digital capture of a real life scene": "digitalcapture",
    "multi frame computational capture sampled from real life": "computationalcapture",
    "composite of captured elements": "compositecapture",
    "human edited media": "humanedits",
    "created by software": "softwareimage",
}


def parse_source_type(value: str) -> SourceType | None:
    """Parse a whole URI, a code, or the label of one; None for any other text, even one that contains a code."""
    text = value[:_LONGEST_VALUE].strip()
    match = _URI.fullmatch(text)
    if match:
        code = match[1].casefold()
        return _BY_CODE.get(code) or _BY_CODE.get(code.removesuffix(_SCHEMA_ORG_SUFFIX))
    # A label, or a code in words: `Trained algorithmic media`, `TRAINED_ALGORITHMIC_MEDIA`.
    words = re.sub(r"[\s_\-]+", " ", text).casefold()
    return _BY_CODE.get(_CODE_BY_LABEL.get(words) or words.replace(" ", ""))
