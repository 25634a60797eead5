"""Markers in six formats: at their frame at every rate, and text that escapes from nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from xml.etree import ElementTree

import pytest

from provenance import registry
from provenance.timecode import Clock
from provenance.timeline import markers
from provenance.timeline.interface import CutOptions
from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten, flatten_name
from tests.timeline.build import READERS, make_source

FORMATS = registry.load_members(markers, MarkerFormat)
everyone = pytest.mark.parametrize("writer", FORMATS.values(), ids=FORMATS)
CLOCKS = [
    Clock(Fraction(24000, 1001)),
    Clock(Fraction(24)),
    Clock(Fraction(25)),
    Clock(Fraction(30000, 1001)),
    Clock(Fraction(30000, 1001), drop=True),
    Clock(Fraction(30)),
    Clock(Fraction(50)),
    Clock(Fraction(60000, 1001)),
    Clock(Fraction(60000, 1001), drop=True),
    Clock(Fraction(60)),
]
HOSTILE = "=x\t|C:red|\n001  AX V C 00:00:00:00\r\n* LOC: \x1b[2J\u202e <a>&amp;\"']]> \ud800\x00 " + "long " * 100
Place = tuple[int, int | None]
"""Record frame, and length where the format has one."""


def read_avid(text: str, clock: Clock) -> list[Place]:
    places: list[Place] = []
    for line in text.splitlines():
        fields = line.split("\t")
        assert len(fields) == 6
        assert fields[3] in ("red", "yellow", "blue")
        assert fields[4]
        places.append((_read(clock, fields[1]), None))
    return places


def read_resolve(text: str, clock: Clock) -> list[Place]:
    lines = re.findall(r"^\d{3,}  001      V     C        (\S+) \S+ (\S+) \S+  \n(.+)$", text, re.MULTILINE)
    places: list[Place] = []
    for source, record, note in lines:
        match = re.fullmatch(r"[^|]*\|C:ResolveColor(?:Red|Yellow|Blue) \|M:[^|]+ \|D:(\d+)", note)
        assert match, note
        assert source == record
        places.append((_read(clock, record), int(match[1])))
    return places


def read_cmx(text: str, clock: Clock) -> list[Place]:
    [reader] = [reader for reader in READERS.values() if reader.name == "edl"]
    [cut] = reader.read(make_source(text, "cut.edl"), CutOptions(clock.rate))
    located = re.findall(r"^\* LOC: (\S+) +(?:RED|YELLOW|BLUE) +\S.*$", text, re.MULTILINE)
    assert [clock.format(event.record_in) for event in cut.events] == located  # type: ignore[union-attr]
    return [(_read(clock, label), None) for label in located]


def read_xmeml(text: str, clock: Clock) -> list[Place]:
    sequence = next(ElementTree.fromstring(text).iter("sequence"))
    start = int(sequence.findtext("timecode/frame") or 0)
    assert sequence.findtext("timecode/string") == clock.format(start)
    return [
        (start + int(marker.findtext("in") or 0), int(marker.findtext("out") or 0) - int(marker.findtext("in") or 0))
        for marker in sequence.findall("marker")
    ]


def read_fcpxml(text: str, clock: Clock) -> list[Place]:
    def frames(value: str | None) -> int:
        time = Fraction((value or "").removesuffix("s")) * clock.rate
        assert time.denominator == 1
        return int(time)

    root = ElementTree.fromstring(text)
    [gap] = root.iter("gap")
    assert gap.get("offset") == gap.get("start")
    return [(frames(marker.get("start")), frames(marker.get("duration"))) for marker in gap]


def read_otio(text: str, clock: Clock) -> list[Place]:
    document = json.loads(text)
    assert document["metadata"]["drop_frame"] is clock.drop
    start = document["global_start_time"]["value"]
    return [
        (int(start + row["marked_range"]["start_time"]["value"]), int(row["marked_range"]["duration"]["value"]))
        for row in document["tracks"]["markers"]
    ]


READ: dict[str, Callable[[str, Clock], list[Place]]] = {
    "avid_markers": read_avid,
    "cmx_edl": read_cmx,
    "fcpxml": read_fcpxml,
    "otio": read_otio,
    "resolve_edl": read_resolve,
    "xmeml": read_xmeml,
}


def _read(clock: Clock, label: str) -> int:
    frame = clock.read(label)
    assert frame is not None, label
    return frame


def write(writer: MarkerFormat, clock: Clock, *found: Marker) -> str:
    start = found[0].record_in // 2
    return writer.format(MarkedCut("cut & <name>", clock, start, found[-1].record_in + 1_000 - start), found)


@everyone
@pytest.mark.parametrize("clock", CLOCKS, ids=Clock.describe)
def test_markers_stand_at_their_frame(writer: MarkerFormat, clock: Clock) -> None:
    minute = clock.base * 60
    frames = [minute, 10 * minute - 1, 10 * minute, 60 * minute + 7, clock.frames_a_day - 20]
    found = [Marker(frame, 1 + frame % 7, "red", "generated", f"at {frame}") for frame in frames]
    places = READ[writer.name](write(writer, clock, *found), clock)
    assert [place[0] for place in places] == frames
    assert [place[1] for place in places] in ([None] * 5, [marker.length for marker in found])


@everyone
def test_text_out_of_files_stays_text(writer: MarkerFormat) -> None:
    clock = CLOCKS[1]
    found = [Marker(1_000, 5, colour, HOSTILE, HOSTILE) for colour in ("red", "yellow", "blue")]
    text = writer.format(MarkedCut(HOSTILE, clock, 500, 1_000), found)
    text.encode()
    places = READ[writer.name](text, clock)
    assert [place[0] for place in places] == [1_000] * 3
    assert "\x1b" not in text
    assert "\u202e" not in text


@everyone
def test_texts_may_be_empty_and_there_may_be_no_marker(writer: MarkerFormat) -> None:
    assert writer.title
    empty = writer.format(MarkedCut("", CLOCKS[1], 0, 0), [])
    assert writer.name == "cmx_edl" or READ[writer.name](empty, CLOCKS[1]) == []
    text = writer.format(MarkedCut("", CLOCKS[1], 0, 10), [Marker(0, 1, "red", "", "")])
    assert writer.name == "resolve_edl" or READ[writer.name](text, CLOCKS[1])[0][0] == 0


@everyone
def test_the_same_markers_give_the_same_bytes(writer: MarkerFormat) -> None:
    found = [Marker(1_000, 5, "red", "a", "b")]
    assert write(writer, CLOCKS[4], *found) == write(writer, CLOCKS[4], *found)


@pytest.mark.parametrize(
    ("text", "flat"),
    [("a\tb\nc  d\r\n", "a b c d"), ("", ""), ("a|b", "a b"), ("x" * 300, "x" * 199 + "…"), ("\0\x1b[31m", "[31m")],
)
def test_text_on_one_line(text: str, flat: str) -> None:
    assert flatten(text, "|") == flat
    assert len(flatten_name(text)) <= 60
