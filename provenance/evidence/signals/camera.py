"""Camera metadata of stills: which camera took the picture, and with which exposure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from provenance.evidence.interface import Signal
from provenance.evidence.text import cameras
from provenance.evidence.text.fields import Fields, get_value, group_fields, select_own
from provenance.evidence.text.make_evidence import make_evidence
from provenance.evidence.text.parse_text import normalise_key, shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_CARRIERS = frozenset({"exif", "xmp"})
_EXPOSURE_FIELDS = {
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
_MAKER_NOTE = "makernote maker"
"""The field in which the EXIF carrier names the company in whose own format the maker note is."""
_DATE_AND_TIME = re.compile(r"(?:19|20)\d\d[:-][01]\d[:-][0-3]\d[ T][0-2]\d:[0-5]\d\b.{0,20}")
_SCANNER_SOURCES = frozenset({"1", "2"})
"""Values of FileSource for a film scanner and a flatbed scanner."""
_PLAUSIBLE_RANGES = {
    "exposuretime": (1e-7, 1e5),  # seconds
    "fnumber": (0.3, 300),
    "isospeedratings": (1, 1e7),
}
"""Values outside of these mean that the camera does not know: most often zero."""
_DUPLICATE_FIELDS = (
    ("exposuretime", "shutterspeedvalue", -1),
    ("fnumber", "aperturevalue", 2),
)
"""Fields that EXIF stores twice, the second time as an APEX value, which counts in stops.

The APEX value is the logarithm to base 2 of the first field, times this factor.
"""
_LARGEST_APEX_VALUE = 40
"""Stops. Cameras write larger numbers to say that they do not know the value."""
_APEX_TOLERANCE = 1.0
"""Stops by which the two fields of a shutter speed or an aperture may differ."""
_LONG_EXPOSURE = 0.3
"""Seconds from which an exposure time is written as a decimal number and not as a fraction, as cameras show it."""


class Camera(Signal):
    """Recognised by make, model and a consistent exposure, best with a maker note in the maker's own format."""

    name = "camera"
    title = "Camera data"
    written_by = (
        "Cameras and phones, in EXIF: Make, Model, ExposureTime, FNumber, ISO, DateTimeOriginal and a maker note in a "
        "format of their own; raw developers write the same without the maker note into XMP."
    )
    trust = (
        "Shown, and never enough to clear anything: anyone who can write EXIF can copy all of it onto a generated "
        "picture. A maker note in its maker's format is harder to invent than fields, but just as easy to copy. Make "
        "and model alone, or an exposure whose fields contradict each other, are weak and say nothing about the origin."
    )
    traps = (
        "Scanners and copiers name make and model as well, and what they scan may be anything. Some generators write "
        "graphs or their own name into Make and Model. Metadata that an editor kept describes the picture that it "
        "opened."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier that names a camera; it rests on the strongest field."""
        for fields in group_fields(select_own(statements, _CARRIERS), _name_field):
            yield from self._read_fields(fields)

    def _read_fields(self, fields: Fields) -> Iterator[Evidence]:
        # 1. Make and model must name a device, and not a scanner.
        make = get_value(fields, "make")
        model = get_value(fields, "model")
        if not cameras.is_device_name(make) or not cameras.is_device_name(model) or _is_scan(fields, make, model):
            return

        # 2. There must be more than a name: an exposure, a maker note, or a maker who is known for cameras. The time
        #    alone does not count, because scanners and software write it as well.
        exposure = _collect_exposure(fields)
        has_exposure = bool(exposure.keys() - {"datetimeoriginal"})
        note_maker = get_value(fields, _MAKER_NOTE)
        if not (has_exposure or note_maker or cameras.is_known_maker(make)):
            return

        # 3. A maker note or a consistent exposure is a capture; anything less is shown and says nothing.
        is_strong = bool(note_maker) or (has_exposure and _is_consistent(fields))
        rests_on = fields.get("exposuretime", fields["make"])
        if note_maker:
            rests_on = fields[_MAKER_NOTE]
        camera = cameras.join_make_and_model(make, model)
        yield make_evidence(
            self.name,
            rests_on,
            Origin.CAPTURED if is_strong else Origin.UNKNOWN,
            f"The file names the camera {shorten(camera, 60)} {_describe(fields, exposure, note_maker)}.",
            tool=camera,
            standing=Standing.TRACE if note_maker else Standing.DECLARED,
        )


def _name_field(key: str) -> str:
    field = normalise_key(key)
    return _OTHER_SPELLINGS.get(field, field)


def _collect_exposure(fields: Fields) -> dict[str, str]:
    """Collect the exposure fields with plausible values."""
    exposure: dict[str, str] = {}
    for field in _EXPOSURE_FIELDS:
        value = get_value(fields, field)
        if _is_plausible(field, value):
            exposure[field] = value
    return exposure


def _describe(fields: Fields, exposure: Mapping[str, str], note_maker: str) -> str:
    """Describe what there is beside the name of the camera, as the rest of a sentence."""
    # The reader learns what the evidence rests on, what is missing for a complete exposure, and whether it is weak.
    maker_note = f"with a maker note in the format of {note_maker}" if note_maker else ""
    if not exposure.keys() - {"datetimeoriginal"}:
        if maker_note:
            return f"{maker_note}, but no exposure"
        return "but no exposure; this is weak evidence, because anyone can write or copy a name"
    if not _is_consistent(fields):
        weakness = maker_note or "which is weak evidence"
        return f"and an exposure whose fields contradict each other, {weakness}"
    parts = [f"and an exposure ({_format_exposure(exposure)})"]
    missing = [title for field, title in _EXPOSURE_FIELDS.items() if field not in exposure]
    if missing:
        parts.append(f"without {', '.join(missing)}")
    parts.append(maker_note or "without a maker note")
    return ", ".join(parts)


def _format_exposure(exposure: Mapping[str, str]) -> str:
    """Format the known parts: `1/125 s, f/2.8, ISO 800, 2025:06:12 10:52:07`."""
    seconds = _parse_number(exposure.get("exposuretime", ""))
    aperture = _parse_number(exposure.get("fnumber", ""))
    iso = _parse_number(exposure.get("isospeedratings", ""))
    parts = []
    # Cameras show short exposures as a fraction: 0.008 s is 1/125 s.
    if seconds > _LONG_EXPOSURE:
        parts.append(f"{seconds:g} s")
    elif seconds:
        parts.append(f"1/{1 / seconds:.0f} s")
    if aperture:
        parts.append(f"f/{aperture:g}")
    if iso:
        parts.append(f"ISO {iso:g}")
    if "datetimeoriginal" in exposure:
        parts.append(shorten(exposure["datetimeoriginal"], 30))
    return ", ".join(parts)


def _is_scan(fields: Fields, make: str, model: str) -> bool:
    return get_value(fields, "filesource") in _SCANNER_SOURCES or cameras.is_other_device(make, model)


def _is_plausible(field: str, value: str) -> bool:
    """Whether a camera can have meant this value: it writes zeros and dashes if it does not know."""
    if field == "datetimeoriginal":
        return bool(_DATE_AND_TIME.fullmatch(value))
    low, high = _PLAUSIBLE_RANGES[field]
    return low <= _parse_number(value) <= high


def _is_consistent(fields: Fields) -> bool:
    """Whether exposure time and aperture agree with their APEX values, as far as these are there."""
    # A camera writes the same exposure into both fields, only rounded differently. If they differ by more, at least one
    # of them was changed or invented.
    for field, apex_field, factor in _DUPLICATE_FIELDS:
        number = _parse_number(get_value(fields, field))
        apex = _parse_number(get_value(fields, apex_field))
        has_both = number > 0 and apex != 0 and abs(apex) < _LARGEST_APEX_VALUE
        if has_both and abs(factor * math.log2(number) - apex) > _APEX_TOLERANCE:
            return False
    return True


def _parse_number(text: str) -> float:
    """Parse the first number in a text, `10/2000` or `0.005`; 0 if there is none."""
    # EXIF stores fractions of integers. A hostile file may contain `1/0`, or numbers too large for a float.
    words = text.split(maxsplit=1)
    if not words:
        return 0.0
    try:
        number = float(Fraction(words[0]))
    except (ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    if not math.isfinite(number):
        return 0.0
    return number
