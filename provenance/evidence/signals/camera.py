"""Camera data of stills: who took the picture, with what and how, as cameras write it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from provenance.evidence.interface import Signal
from provenance.evidence.text import cameras
from provenance.evidence.text.make_evidence import make_evidence
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing

_EXPOSURE = {
    "exposuretime": "exposure time",
    "fnumber": "aperture",
    "isospeedratings": "ISO speed",
    "datetimeoriginal": "time of the exposure",
}
_OTHER_SPELLINGS = {
    "photographicsensitivity": "isospeedratings",
    "recommendedexposureindex": "isospeedratings",
    "uniquecameramodel": "model",
    "datetimedigitized": "datetimeoriginal",
}
_BUILDER = "makernote maker"
_WHEN = re.compile(r"(?:19|20)\d\d[:-][01]\d[:-][0-3]\d[ T][0-2]\d:[0-5]\d\b.{0,20}")
_CARRIERS = frozenset({"exif", "xmp"})
_SCANNED = frozenset({"1", "2"})
"""FileSource: a film scanner, a flatbed."""
_RANGES = {"exposuretime": (1e-7, 1e5), "fnumber": (0.3, 300), "isospeedratings": (1, 1e7)}
_MEANT = 40
"""Stops; beyond stand the values that mean: not known."""
_STOPS = 1.0
"""How far a shutter speed or an aperture told in two fields may lie apart."""


class Camera(Signal):
    """Make, model and a consistent exposure, best with a maker note that is built as its maker builds it."""

    name = "camera"
    title = "Camera data"
    written_by = (
        "Cameras and phones, in EXIF: Make, Model, ExposureTime, FNumber, ISO, DateTimeOriginal and a maker note in a "
        "form of their own; raw developers write the same without the note into XMP."
    )
    trust = (
        "Shown, and never enough to clear anything: whoever can write EXIF can copy all of it onto a generated "
        "picture. A maker note in its maker's form is harder to invent than fields, and just as easy to copy. Make and "
        "model alone, or an exposure at odds with itself, are weak and say nothing of the origin."
    )
    traps = (
        "Scanners and copiers name make and model too, and what they scan may be anything. Some generators write "
        "graphs or their own name into Make and Model. Data that an editor kept tells of the picture it began with."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier that names a camera, resting on the strongest that it says."""
        carriers: dict[str, dict[str, Statement]] = {}
        for statement in statements:
            if statement.carrier in _CARRIERS and statement.about is About.ASSET:
                word = normalise_key(statement.key)
                carriers.setdefault(statement.carrier, {}).setdefault(_OTHER_SPELLINGS.get(word, word), statement)
        for said in carriers.values():
            yield from self._told(said)

    def _told(self, said: Mapping[str, Statement]) -> Iterator[Evidence]:
        make, model = _value(said, "make"), _value(said, "model")
        if not (cameras.is_device_name(make) and cameras.is_device_name(model)) or _is_scan(said, make, model):
            return
        known = {word: _value(said, word) for word in _EXPOSURE if _plausible(word, _value(said, word))}
        builder = _value(said, _BUILDER)
        if not (known.keys() - {"datetimeoriginal"} or builder or cameras.is_known_maker(make)):
            return
        rests_on = said[_BUILDER] if builder else said.get("exposuretime", said["make"])
        strong = builder or (known.keys() - {"datetimeoriginal"} and _agree(said))
        yield make_evidence(
            self.name,
            rests_on,
            Origin.CAPTURED if strong else Origin.UNKNOWN,
            f"Names the camera {shorten(cameras.join_make_and_model(make, model), 60)} and {_weighed(said, known, builder)}.",
            tool=cameras.join_make_and_model(make, model),
            standing=Standing.TRACE if builder else Standing.DECLARED,
        )


def _weighed(said: Mapping[str, Statement], known: Mapping[str, str], builder: str) -> str:
    """What there is beside the name, and what it is worth."""
    note = f"a maker note built as {builder} builds it" if builder else ""
    missing = [told for word, told in _EXPOSURE.items() if word not in known]
    if not known.keys() - {"datetimeoriginal"}:
        return f"{note}, but no exposure" if note else "no exposure: weak, for anyone can write or copy a name"
    if not _agree(said):
        return f"an exposure whose fields contradict each other{f', with {note}' if note else ': weak'}"
    lacking = f", without {', '.join(missing)}" if missing else ""
    return f"an exposure ({_exposure(known)}){lacking}, {f'with {note}' if note else 'without a maker note'}"


def _exposure(known: Mapping[str, str]) -> str:
    """`1/125 s, f/2.8, ISO 800, 2025:06:12 10:52:07`, without what is not known."""
    time, aperture, iso = (_number(known.get(word, "")) for word in ("exposuretime", "fnumber", "isospeedratings"))
    parts = (
        (f"{time:g} s" if time > 0.3 else f"1/{1 / time:.0f} s") if time else "",
        f"f/{aperture:g}" if aperture else "",
        f"ISO {iso:g}" if iso else "",
        shorten(known.get("datetimeoriginal", ""), 30),
    )
    return ", ".join(filter(None, parts))


def _value(said: Mapping[str, Statement], word: str) -> str:
    return said[word].value[:200].strip("\0 \t\r\n") if word in said else ""


def _is_scan(said: Mapping[str, Statement], make: str, model: str) -> bool:
    return _value(said, "filesource") in _SCANNED or cameras.is_other_device(make, model)


def _plausible(word: str, value: str) -> bool:
    """Whether a camera can have meant it: zeros and dashes are what it writes when it does not know."""
    if word == "datetimeoriginal":
        return bool(_WHEN.fullmatch(value))
    low, high = _RANGES[word]
    return low <= _number(value) <= high


def _agree(said: Mapping[str, Statement]) -> bool:
    """Whether exposure time and aperture are the same wherever they are told, as far as they are told twice."""
    for word, again, stops in (("exposuretime", "shutterspeedvalue", -1), ("fnumber", "aperturevalue", 2)):
        one, other = _number(_value(said, word)), _number(_value(said, again))
        told_twice = one > 0 and other and abs(other) < _MEANT
        if told_twice and abs(stops * math.log2(one) - other) > _STOPS:
            return False
    return True


def _number(text: str) -> float:
    """The first number in a text, 0 for none."""
    try:
        number = float(Fraction(text.split(maxsplit=1)[0])) if text else 0.0
    except (ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0
