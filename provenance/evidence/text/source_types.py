"""The vocabulary of digital source types: what each code says of the origin of an asset.

IPTC NewsCodes, the two codes that C2PA adds, and the retired ones. The names of signals are those of the C2PA asset
rubric for signals, version 1.0.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from provenance.model.vocabulary import Origin

_URI = re.compile(
    r"(?:(?:https?://)?(?:cv\.iptc\.org/newscodes|c2pa\.org)/digitalsourcetype/|(?:digitalsourcetype|digsrctype):)?([a-z]+)/?",
    re.IGNORECASE,
)


class SourceType(NamedTuple):
    """One code: the origin it speaks for (None: says nothing about it), in words, and its signal at inception."""

    code: str
    origin: Origin | None
    meaning: str
    inception: str | None = None
    clears: bool = False
    """Whether a trusted maker's own word for it may clear the asset: it cannot hide something generated before."""


_ALL = (
    SourceType("trainedAlgorithmicMedia", Origin.GENERATED, "made by generative AI", "fullyGenAIMedia"),
    SourceType(
        "compositeWithTrainedAlgorithmicMedia",
        Origin.PARTLY_GENERATED,
        "has parts made by generative AI, such as inpainting or outpainting",
        "partlyGenAICreation",
    ),
    SourceType("compositeSynthetic", Origin.PARTLY_GENERATED, "a composite with at least one synthetic element"),
    SourceType("trainedAlgorithmicData", Origin.GENERATED, "data made by generative AI"),
    SourceType(
        "composite",
        Origin.POSSIBLY_GENERATED,
        "a composite whose elements may be made by generative AI",
        "compositionMayContainGenAI",
    ),
    SourceType(
        "digitalArt", Origin.POSSIBLY_GENERATED, "digital art, a retired code that does not tell how it was made"
    ),
    SourceType(
        "screenCapture",
        Origin.POSSIBLY_GENERATED,
        "a screen capture, which may show what was generated",
        "screenCaptureMayContainGenAI",
    ),
    SourceType(
        "virtualRecording", Origin.POSSIBLY_GENERATED, "a recording of a virtual event, which may be generated in parts"
    ),
    SourceType(
        "algorithmicallyEnhanced", Origin.ENHANCED, "enhanced by an algorithm without a change of what it shows"
    ),
    SourceType("algorithmicMedia", None, "made by an algorithm without training data"),
    SourceType("dataDrivenMedia", None, "made from data"),
    SourceType("empty", None, "a blank canvas", "blankCanvas"),
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
    SourceType("print", Origin.CAPTURED, "a scan of a print, whatever was printed"),
    SourceType(
        "digitalCreation", Origin.CREATED, "made by a person with digital tools", "nonGenAIDigitalCreation", clears=True
    ),
    SourceType("softwareImage", Origin.CREATED, "made with software, a retired code"),
    SourceType("humanEdits", Origin.CREATED, "edited by people with tools that are not generative"),
    SourceType("minorHumanEdits", Origin.CREATED, "with small edits by people, a retired code"),
)
_BY_CODE = {kind.code.casefold(): kind for kind in _ALL}
_BY_CODE["compositedwithtrainedalgorithmicmedia"] = _BY_CODE["compositewithtrainedalgorithmicmedia"]  # seen in the wild


def parse_source_type(value: str) -> SourceType | None:
    """What a whole URI, a prefixed code or a bare code says; None for any other text, even one that holds a code."""
    match = _URI.fullmatch(value[:256].strip())
    return _BY_CODE.get(match[1].casefold()) if match else None
