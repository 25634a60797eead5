"""One small cut, written in every format that can hold it, and the cuts that a reader makes of bytes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from provenance import registry
from provenance.limits import DEFAULT, Limits
from provenance.media.source import Source, source_from_bytes
from provenance.model.evidence import Trouble
from provenance.timecode import Clock
from provenance.timeline import readers
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event

READERS = registry.load_members(readers, CutReader)

FILM = Clock(Fraction(24))
PAL = Clock(Fraction(25))
NTSC_FILM = Clock(Fraction(24000, 1001))
DROP = Clock(Fraction(30000, 1001), drop=True)


@dataclass(frozen=True)
class Shot:
    """A part of a file, in frames of the cut."""

    name: str
    length: int
    first: int = 0
    """Of the file, which is used from here on."""
    file_start: int = 0
    """Timecode of the first frame of the file."""

    @property
    def source_in(self) -> int:
        return self.file_start + self.first

    @property
    def path(self) -> str:
        return f"/Volumes/show/{self.name}"


SHOTS = (
    Shot("A001C001.mov", 20, first=12, file_start=36_000),
    Shot("genai card.png", 30),
    Shot("A001C002.mov", 15, first=3, file_start=72_000),
)
START = 90_000


def make_source(data: bytes | str, name: str, limits: Limits = DEFAULT) -> Source:
    return source_from_bytes(data.encode() if isinstance(data, str) else data, name, limits)


def read_rows(
    data: bytes | str, name: str, options: CutOptions | None = None, limits: Limits = DEFAULT
) -> list[Cut | Trouble]:
    """What the reader that accepts the file yields."""
    source = make_source(data, name, limits)
    reader = next(member for member in READERS.values() if member.accepts(source))
    return list(reader.read(source, options or CutOptions()))


def read_cut(data: bytes | str, name: str, options: CutOptions | None = None) -> Cut:
    """The one cut of a file."""
    [cut] = read_rows(data, name, options)
    assert isinstance(cut, Cut), cut
    return cut


def list_places(cut: Cut, track: str | None = None) -> list[tuple[str, int, int]]:
    """Name and record times of every event, from the first frame of the cut on."""
    start = cut.start or 0
    return [
        (event.source.shown, event.record_in - start, event.record_out - start)
        for event in cut.events
        if track in (None, event.track)
    ]


def find_event(cut: Cut, shown: str) -> Event:
    [event] = [event for event in cut.events if event.source.shown == shown]
    return event


# EDL


def edl_line(
    number: int | str,
    source: tuple[str, str],
    record: tuple[str, str],
    reel: str = "AX",
    middle: str = "V     C       ",
) -> str:
    return f"{number:0>3}  {reel:<8} {middle} {source[0]} {source[1]} {record[0]} {record[1]}"


def edl(*lines: str, title: str = "cut", fcm: str | None = "NON-DROP FRAME") -> str:
    head = [f"TITLE: {title}", *([f"FCM: {fcm}"] if fcm else []), ""]
    return "\n".join([*head, *lines]) + "\n"


def write_edl(shots: Sequence[Shot], clock: Clock, start: int = START) -> bytes:
    lines = []
    at = start
    for number, shot in enumerate(shots, 1):
        source = clock.format(shot.source_in), clock.format(shot.source_in + shot.length)
        lines.append(edl_line(number, source, (clock.format(at), clock.format(at + shot.length))))
        lines.append(f"* FROM CLIP NAME:  {shot.name}")
        at += shot.length
    return edl(*lines, fcm="DROP FRAME" if clock.drop else "NON-DROP FRAME").encode()


# Final Cut Pro 7 XML


def rate_element(clock: Clock) -> str:
    ntsc = "TRUE" if clock.rate.denominator != 1 else "FALSE"
    return f"<rate><timebase>{clock.base}</timebase><ntsc>{ntsc}</ntsc></rate>"


def xmeml(body: str, clock: Clock = PAL, start: int = 0, duration: int = 1000, audio: str = "", more: str = "") -> str:
    """A document of one sequence with the tracks of `body`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE xmeml><xmeml version="5">'
        f"{xmeml_sequence(body, clock, start, duration, audio)}{more}</xmeml>"
    )


def xmeml_sequence(
    body: str, clock: Clock = PAL, start: int = 0, duration: int = 1000, audio: str = "", name: str = "cut"
) -> str:
    show = "DF" if clock.drop else "NDF"
    return (
        f'<sequence id="{name}"><name>{name}</name><duration>{duration}</duration>{rate_element(clock)}'
        f"<timecode>{rate_element(clock)}<string>{clock.format(start)}</string><frame>{start}</frame>"
        f"<displayformat>{show}</displayformat></timecode>"
        f"<media><video>{body}</video><audio>{audio}</audio></media></sequence>"
    )


def xmeml_clip(name: str, edges: tuple[object, object], used: tuple[object, object], more: str = "") -> str:
    """A clip of a file that is called as the clip is; `more` stands before the file."""
    return (
        f'<clipitem id="{name}"><name>{name}</name><start>{edges[0]}</start><end>{edges[1]}</end>'
        f'<in>{used[0]}</in><out>{used[1]}</out>{more}<file id="f {name}"><name>{name}</name></file></clipitem>'
    )


def write_xmeml(shots: Sequence[Shot], clock: Clock, start: int = START) -> bytes:
    clips = []
    at = 0
    for number, shot in enumerate(shots):
        first = f"<timecode>{rate_element(clock)}<frame>{shot.file_start}</frame></timecode>" if shot.file_start else ""
        clips.append(
            f'<clipitem id="c{number}"><name>{shot.name}</name><start>{at}</start><end>{at + shot.length}</end>'
            f"<in>{shot.first}</in><out>{shot.first + shot.length}</out>"
            f'<file id="f{number}"><name>{shot.name}</name><pathurl>file://localhost{shot.path}</pathurl>'
            f"{rate_element(clock)}{first}</file></clipitem>"
        )
        at += shot.length
    return xmeml(f"<track>{''.join(clips)}</track>", clock, start, at).encode()


# FCPXML


def seconds(frames: int, clock: Clock) -> str:
    time = frames / clock.rate
    return f"{time.numerator}/{time.denominator}s"


def fcpxml(spine: str, resources: str = "", sequence: str = 'tcStart="0s"', frame: str = "1/25s") -> str:
    """A document of one project; the format `r1` is that of the sequence."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="1.11"><resources>'
        f'<format id="r1" frameDuration="{frame}"/>{resources}</resources><library><event name="e">'
        f'<project name="cut"><sequence format="r1" {sequence}><spine>{spine}</spine></sequence></project>'
        "</event></library></fcpxml>"
    )


def fcpxml_asset(name: str, more: str = 'hasVideo="1"', start: str = "0s") -> str:
    """An asset of a hundred seconds whose id is its name."""
    return (
        f'<asset id="{name}" name="{name}" start="{start}" duration="100s" format="r1" {more}>'
        f'<media-rep kind="original-media" src="file:///Volumes/show/{name}"/></asset>'
    )


def write_fcpxml(shots: Sequence[Shot], clock: Clock, start: int = START) -> bytes:
    assets, clips = [], []
    at = start
    for number, shot in enumerate(shots):
        first = seconds(shot.file_start, clock)
        assets.append(
            f'<asset id="a{number}" name="{shot.name}" start="{first}" duration="100s" hasVideo="1" format="r1">'
            f'<media-rep kind="original-media" src="file://{shot.path.replace(" ", "%20")}"/></asset>'
        )
        clips.append(
            f'<asset-clip ref="a{number}" name="{shot.name}" offset="{seconds(at, clock)}" '
            f'start="{seconds(shot.source_in, clock)}" duration="{seconds(shot.length, clock)}"/>'
        )
        at += shot.length
    drop = "DF" if clock.drop else "NDF"
    sequence = f'tcStart="{seconds(start, clock)}" tcFormat="{drop}" duration="{seconds(at - start, clock)}"'
    return fcpxml("".join(clips), "".join(assets), sequence, seconds(1, clock)).encode()


# OpenTimelineIO


def otio_time(value: float, rate: float = 25.0) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def otio_range(start: float, length: float, rate: float = 25.0) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": otio_time(start, rate),
        "duration": otio_time(length, rate),
    }


def otio_clip(name: str, start: float, length: float, rate: float = 25.0, **more: Any) -> dict[str, Any]:
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "target_url": f"file:///Volumes/show/{name}",
        "available_range": otio_range(0, 100_000, rate),
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": name,
        "source_range": otio_range(start, length, rate),
        "active_media_reference_key": "DEFAULT_MEDIA",
        "media_references": {"DEFAULT_MEDIA": reference},
        **more,
    }


def otio_gap(length: float, rate: float = 25.0) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": otio_range(0, length, rate)}


def otio_track(*children: dict[str, Any], kind: str = "Video", **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "name": kind, "children": list(children), **more}


def otio_stack(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Stack.1", "name": "stack", "children": list(children), **more}


def otio(*tracks: dict[str, Any], start: float | None = None, rate: float = 25.0, **more: Any) -> str:
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "cut",
        "global_start_time": None if start is None else otio_time(start, rate),
        "tracks": otio_stack(*tracks),
        **more,
    }
    return json.dumps(timeline)


def write_otio(shots: Sequence[Shot], clock: Clock, start: int = START) -> bytes:
    rate = float(clock.rate)
    clips = []
    for shot in shots:
        clip = otio_clip(shot.name, shot.source_in, shot.length, rate)
        clip["media_references"]["DEFAULT_MEDIA"]["available_range"] = otio_range(shot.file_start, 100_000, rate)
        clips.append(clip)
    return otio(otio_track(*clips), start=start, rate=rate, metadata={"drop_frame": clock.drop}).encode()


def write_otioz(shots: Sequence[Shot], clock: Clock, start: int = START) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("version.txt", "1.0.0")
        bundle.writestr("content.otio", write_otio(shots, clock, start))
        bundle.writestr("media/../../slipped.txt", "x")
    return stream.getvalue()


# ALE


def ale(*rows: str, columns: str = "Name\tTape\tStart\tEnd\tSource File", fps: str = "24") -> str:
    table = "\n".join(rows)
    return f"Heading\nFIELD_DELIM\tTABS\nVIDEO_FORMAT\t1080\nFPS\t{fps}\n\nColumn\n{columns}\n\nData\n{table}\n"


def write_ale(shots: Sequence[Shot], clock: Clock) -> bytes:
    rows = [
        "\t".join(
            [
                shot.name.rpartition(".")[0],
                shot.name[:8],
                clock.format(shot.source_in),
                clock.format(shot.source_in + shot.length),
                shot.path,
            ]
        )
        for shot in shots
    ]
    return ale(*rows, fps=f"{float(clock.rate):.3f}").encode()


# Composition playlists


def imf(sequences: str, rate: str = "24000 1001", timecode: str = "01:00:00:00") -> str:
    return (
        '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/ns/2067-3/2016">'
        f"<ContentTitle>cut</ContentTitle><EditRate>{rate}</EditRate><CompositionTimecode>"
        f"<TimecodeDropFrame>false</TimecodeDropFrame><TimecodeStartAddress>{timecode}</TimecodeStartAddress>"
        f"</CompositionTimecode><SegmentList>{sequences}</SegmentList></CompositionPlaylist>"
    )


def imf_segment(*sequences: str) -> str:
    return f"<Segment><SequenceList>{''.join(sequences)}</SequenceList></Segment>"


def imf_sequence(*resources: str, kind: str = "MainImageSequence", track: int = 1) -> str:
    return (
        f'<cc:{kind} xmlns:cc="http://www.smpte-ra.org/ns/2067-2/2020"><TrackId>urn:uuid:{track}</TrackId>'
        f"<ResourceList>{''.join(resources)}</ResourceList></cc:{kind}>"
    )


def imf_resource(number: int, entry: int = 0, length: int = 24, more: str = "") -> str:
    file_id = f"{number:08x}-0000-4000-8000-000000000000"
    return (
        f"<Resource><Id>urn:uuid:{number:08x}-1111-4000-8000-000000000000</Id>"
        f"<IntrinsicDuration>{entry + length}</IntrinsicDuration><EntryPoint>{entry}</EntryPoint>"
        f"<SourceDuration>{length}</SourceDuration><TrackFileId>urn:uuid:{file_id.upper()}</TrackFileId>{more}</Resource>"
    )


def write_imf() -> bytes:
    picture = imf_sequence(imf_resource(1, 24, 120), imf_resource(2, 0, 48))
    sound = imf_sequence(imf_resource(3, 0, 336_336, "<EditRate>48000 1</EditRate>"), kind="MainAudioSequence", track=2)
    return imf(imf_segment(picture, sound)).encode()
