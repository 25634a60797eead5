"""Recorder data of movies and sound."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.recorder import Recorder
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing
from provenance.origin import decide_origin

APPLE = {
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.model": "iPhone 15 Pro",
    "com.apple.quicktime.creationdate": "2025-06-12T10:14:22+0200",
}


def read(fields: dict[str, str], carrier: str = "tags", about: About = About.ASSET) -> list[Evidence]:
    rows = [Statement(carrier, f"the place of {key}", key, value, about=about) for key, value in fields.items()]
    return list(Recorder().read(rows))


@pytest.mark.parametrize(
    ("carrier", "fields", "tool"),
    [
        ("tags", APPLE, "Apple iPhone 15 Pro"),
        ("isobmff", APPLE, "Apple iPhone 15 Pro"),
        ("isobmff", {"©mak": "Canon", "©mod": "Canon EOS R5 C"}, "Canon EOS R5 C"),
        ("tags", {"com.android.manufacturer": "Google", "com.android.model": "Pixel 9"}, "Google Pixel 9"),
        ("tags", {"com.apple.quicktime.make": "Test Camera Works", "com.apple.quicktime.model": "One"},
         "Test Camera Works One"),
        ("tags", {"make": "DJI", "model": "FC3582"}, "DJI FC3582"),
        ("tags", {"com.arri.camera.CameraModel": "ALEXA 35"}, "ALEXA 35"),
        ("tags", {"company_name": "SONY", "product_name": "PXW-Z300"}, "SONY PXW-Z300"),
        ("riff", {"ecor": "PENTAX Corporation", "emdl": "PENTAX Optio WP"}, "PENTAX Optio WP"),
        ("riff", {"Originator": "SoundDev: 702T S#GW1105149001"}, "SoundDev: 702T S#GW1105149001"),
        ("riff", {"Originator": "ZOOM F8n"}, "ZOOM F8n"),
        ("riff", {"Originator": "ZOOM Handy Recorder H4n"}, "ZOOM Handy Recorder H4n"),
        ("riff", {"Originator": "Zaxcom Deva"}, "Zaxcom Deva"),
        ("riff", {"Originator": "AATON CantarX3"}, "AATON CantarX3"),
        ("tags", {"encoded_by": "Sound Devices MixPre-6"}, "Sound Devices MixPre-6"),
    ],
)  # fmt: skip
def test_devices_that_name_themselves(carrier: str, fields: dict[str, str], tool: str) -> None:
    [row] = read(fields, carrier)
    assert (row.origin, row.standing, row.tool) == (Origin.CAPTURED, Standing.DECLARED, tool)
    assert "anyone can write" in row.detail
    assert decide_origin([row]) is Origin.UNKNOWN


def test_the_time_is_told_and_the_same_words_only_once() -> None:
    twice = [Statement(carrier, "place", key, value) for carrier in ("isobmff", "tags") for key, value in APPLE.items()]
    [row] = Recorder().read(twice)
    assert row.carrier == "isobmff"
    assert "on 2025-06-12T10:14:22+0200" in row.detail


@pytest.mark.parametrize(
    ("carrier", "fields"),
    [
        ("riff", {"Originator": "Pro Tools"}),
        ("riff", {"Originator": "Nuendo"}),
        ("riff", {"Originator": "REAPER"}),
        ("riff", {"Originator": "Mixing Desk"}),
        ("riff", {"Description": "recorded on a Sound Devices 788T"}),
        ("tags", {"company_name": "FFmpeg", "product_name": "OP1a Muxer"}),
        ("tags", {"company_name": "Rohde and Schwarz DVS GmbH", "product_name": "Clipster"}),
        ("tags", {"make": "Flux", "model": "Luma"}),
        ("tags", {"make": "Canon"}),
        ("tags", {"com.apple.quicktime.make": "Apple"}),
        ("tags", {"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "Mac15,9"}),
        ("tags", {**APPLE, "com.apple.quicktime.author": "ReplayKitRecording"}),
        ("tags", {"com.apple.quicktime.make": '{"a": 1}', "com.apple.quicktime.model": "[1]"}),
        ("exif", {"Make": "Canon", "Model": "Canon EOS R5"}),
        ("png", APPLE),
    ],
)
def test_what_is_no_recorder(carrier: str, fields: dict[str, str]) -> None:
    assert read(fields, carrier) == []


def test_what_was_fed_in_does_not_count() -> None:
    assert read(APPLE, about=About.PARENT) == []
