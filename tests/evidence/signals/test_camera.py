"""Camera data of stills."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.evidence.signals.camera import Camera
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing
from provenance.origin import decide_origin

NAME = {"Make": "Canon", "Model": "Canon EOS R5"}
EXPOSURE = {
    "ExposureTime": "1/125", "FNumber": "14/5", "ISOSpeedRatings": "800", "DateTimeOriginal": "2025:06:12 10:52:07"
}  # fmt: skip
NOTE = {"MakerNote maker": "Canon"}
FULL = {**NAME, **EXPOSURE, **NOTE}


def read(
    fields: dict[str, str],
    carrier: str = "exif",
    about: About = About.ASSET,
    standing: Standing = Standing.DECLARED,
) -> list[Evidence]:
    rows = [Statement(carrier, f"the place of {key}", key, value, standing, about) for key, value in fields.items()]
    return list(Camera().read(rows))


def test_a_maker_note_in_its_makers_form_is_a_trace() -> None:
    [row] = read(FULL)
    assert (row.origin, row.standing, row.tool) == (Origin.CAPTURED, Standing.TRACE, "Canon EOS R5")
    assert row.where == "the place of MakerNote maker"
    assert row.detail == (
        "The file names the camera Canon EOS R5 and an exposure (1/125 s, f/2.8, ISO 800, 2025:06:12 10:52:07), "
        "with a maker note in the format of Canon."
    )


def test_an_exposure_without_a_note_is_only_declared() -> None:
    [row] = read({**NAME, **EXPOSURE})
    assert (row.origin, row.standing) == (Origin.CAPTURED, Standing.DECLARED)
    assert "without a maker note" in row.detail
    assert row.where == "the place of ExposureTime"


def test_it_clears_nothing() -> None:
    assert decide_origin(read(FULL)) is Origin.UNKNOWN
    assert decide_origin(read(FULL, standing=Standing.TRUSTED, carrier="c2pa")) is Origin.UNKNOWN


def test_the_words_of_raw_developers_in_xmp() -> None:
    [row] = read(
        {"tiff:Make": "NIKON CORPORATION", "tiff:Model": "NIKON D850", "exif:ExposureTime": "10/2000",
         "exif:FNumber": "56/10", "exif:ISOSpeedRatings[1]": "64", "exif:DateTimeOriginal": "2025-06-12T10:52:07.11"},
        carrier="xmp",
    )  # fmt: skip
    assert (row.carrier, row.origin, row.tool) == ("xmp", Origin.CAPTURED, "NIKON D850")
    assert "1/200 s, f/5.6, ISO 64" in row.detail


def test_what_is_missing_is_said() -> None:
    [row] = read({**NAME, "FNumber": "4", **NOTE})
    assert "without exposure time, ISO speed, time of the exposure, with a maker note" in row.detail
    [row] = read({**NAME, **NOTE})
    assert row.origin is Origin.CAPTURED
    assert "but no exposure" in row.detail


@pytest.mark.parametrize(
    "fields",
    [
        NAME,
        {**NAME, "DateTimeOriginal": EXPOSURE["DateTimeOriginal"]},
        {**NAME, "ExposureTime": "0", "FNumber": "0", "ISOSpeedRatings": "0"},
        {**NAME, **EXPOSURE, "ShutterSpeedValue": "2"},  # a quarter of a second
        {**NAME, **EXPOSURE, "ApertureValue": "9"},  # f/22
    ],
)
def test_weak_data_is_shown_and_says_nothing(fields: dict[str, str]) -> None:
    [row] = read(fields)
    assert row.origin is Origin.UNKNOWN
    assert "weak" in row.detail


def test_fields_that_agree_or_do_not_know_are_fine() -> None:
    for extra in ({"ShutterSpeedValue": "6.9657", "ApertureValue": "2.97"}, {"ShutterSpeedValue": "-2147483648"}):
        [row] = read({**NAME, **EXPOSURE, **extra})
        assert row.origin is Origin.CAPTURED


GRAPH = json.dumps({"3": {"class_type": "KSampler", "inputs": {}}})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        EXPOSURE,
        {"Make": "Canon", **EXPOSURE},
        {**EXPOSURE, "Make": f"workflow:{GRAPH}", "Model": f"prompt:{GRAPH}"},
        {**FULL, "Model": f"prompt:{GRAPH}"},
        {"Make": "Ideogram AI", "Model": "V3"},
        {"Make": "Unheard Of Works", "Model": "One"},
        {**FULL, "Make": "EPSON", "Model": "Perfection V850"},
        {**FULL, "Make": "Canon", "Model": "CanoScan 9000F"},
        {"Make": "Canon", "Model": "MG5700 series"},
        {**FULL, "Make": "NORITSU KOKI", "Model": "QSS-32_33"},
        {"Make": "Nikon", "Model": "Nikon SUPER COOLSCAN 5000 ED", "ExposureTime": "1/10"},
        {**FULL, "FileSource": "1"},
        {**FULL, "FileSource": "2"},
        {**FULL, "Make": "Apple", "Model": "Mac15,9"},
    ],
)
def test_no_camera(fields: dict[str, str]) -> None:
    assert read(fields) == []


def test_data_of_something_else_is_none_of_this() -> None:
    assert [read(FULL, about=about) for about in About if about is not About.ASSET] == [[]] * 4
    assert read(FULL, carrier="png") == []


values = st.text(max_size=12) | st.sampled_from(
    ["1/0", "0/0", "-1", "1e999", "nan", "1/125", "9" * 5000, "7 8", "\xa0"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*FULL, "ShutterSpeedValue", "ApertureValue", "FileSource"]), values))
@example({"ExposureTime": "\xa0"})
def test_any_values_give_a_printable_sentence(fields: dict[str, str]) -> None:
    for row in read({**NAME, **fields}):
        assert row.detail.encode("utf-8")
        assert row.origin in (Origin.CAPTURED, Origin.UNKNOWN)
