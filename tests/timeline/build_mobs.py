"""Small AAF files and Avid bins: a cut, the master clips it shows, their files and their tape."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import aaf2
import avb

TAPE_START = 86_400
"""01:00:00:00 at 24."""
START = 90_000
LENGTH = 1_000
_PICTURE = {
    "ComponentWidth": 8,
    "HorizontalSubsampling": 2,
    "StoredHeight": 1080,
    "StoredWidth": 1920,
    "FrameLayout": "FullFrame",
    "VideoLineMap": [42, 0],
    "ImageAspectRatio": "16/9",
    "SampleRate": 24,
    "Length": LENGTH,
}


class AafBuilder:
    """Writes one AAF file. `units` is the rate of picture slots."""

    def __init__(self, file: Any, units: Any = 24) -> None:
        self.file, self.units = file, units

    def add_source(self, name: str, tape: str = "", tape_start: int = TAPE_START, fps: int = 24) -> Any:
        """A master mob over a file mob over a tape mob; gives the master."""
        create = self.file.create
        below = None
        if tape:
            tape_mob = create.SourceMob(tape)
            tape_mob.descriptor = create.TapeDescriptor()
            self.add_timecode(tape_mob, tape_start, fps)
            slot = tape_mob.create_picture_slot(self.units)
            slot.segment = create.SourceClip(length=LENGTH, media_kind="picture")
            self.file.content.mobs.append(tape_mob)
            below = tape_mob, slot
        file_mob = create.SourceMob(name)
        file_mob.descriptor = create.CDCIDescriptor()
        for key, value in _PICTURE.items():
            file_mob.descriptor[key].value = value
        locator = create.NetworkLocator()
        locator["URLString"].value = f"file:///Volumes/show/{name}"
        file_mob.descriptor["Locator"].append(locator)
        self.file.content.mobs.append(file_mob)
        slot = file_mob.create_picture_slot(self.units)
        slot.segment = self.make_clip(*below, start=100) if below else create.SourceClip(length=LENGTH)
        master = create.MasterMob(name)
        self.file.content.mobs.append(master)
        top = master.create_picture_slot(self.units)
        top.segment = self.make_clip(file_mob, slot)
        return master

    def make_clip(self, mob: Any, slot: Any = None, start: int = 0, length: int = LENGTH) -> Any:
        slot = slot or next(iter(mob.slots))
        return self.file.create.SourceClip(
            start=start, length=length, mob_id=mob.mob_id, slot_id=slot.slot_id, media_kind="picture"
        )

    def add_timecode(self, mob: Any, start: int, fps: int = 24, drop: bool = False, track: int = 0) -> None:
        slot = mob.create_timeline_slot(self.units)
        slot.segment = self.file.create.Timecode(fps, drop, LENGTH)
        slot.segment.start = start
        if track:
            slot["PhysicalTrackNumber"].value = track

    def add_composition(self, *parts: Any, name: str = "cut", start: int | None = START, drop: bool = False) -> Any:
        """A cut of one picture track."""
        mob = self.file.create.CompositionMob(name)
        mob.usage = "Usage_TopLevel"
        self.file.content.mobs.append(mob)
        if start is not None:
            self.add_timecode(mob, start, round(Fraction(self.units)), drop, track=1)
        self.add_track(mob, *parts)
        return mob

    def add_track(self, mob: Any, *parts: Any) -> None:
        slot = mob.create_timeline_slot(self.units)
        slot.segment = self.make_run(*parts)

    def make_run(self, *parts: Any) -> Any:
        sequence = self.file.create.Sequence(media_kind="picture")
        length = 0
        for part in parts:
            sequence.components.append(part)
            length += -part.length if type(part).__name__ == "Transition" else part.length
        sequence.length = length
        return sequence

    def make_gap(self, length: int) -> Any:
        return self.file.create.Filler("picture", length)

    def make_transition(self, length: int, cut_point: int) -> Any:
        transition = self.file.create.Transition("picture", length)
        transition["CutPoint"].value = cut_point
        transition["OperationGroup"].value = self.make_effect("Video Dissolve", length)
        return transition

    def make_effect(self, name: str, length: int, *inputs: Any, speed_ratio: str = "") -> Any:
        identity = "0c3bea40-fc05-11d2-8a29-0050040ef7d2"
        try:
            definition = self.file.dictionary.lookup_operationdef(name)
        except Exception:  # noqa: BLE001 - it is not there yet
            definition = self.file.create.OperationDef(_make_id(identity, name), name)
            definition.media_kind = "picture"
            definition["NumberInputs"].value = 1
            self.file.dictionary.register_def(definition)
        group = self.file.create.OperationGroup(definition, length, "picture")
        for part in inputs:
            group.segments.append(part)
        if speed_ratio:
            type_definition = self.file.dictionary.lookup_typedef("Rational")
            kind = self.file.create.ParameterDef(
                _make_id(identity, "speed"), "SpeedRatio", "SpeedRatio", type_definition
            )
            self.file.dictionary.register_def(kind)
            parameter = self.file.create.ConstantValue(kind, speed_ratio)
            group.parameters.append(parameter)
        return group


def _make_id(identity: str, name: str) -> str:
    return f"{sum(map(ord, name)):08x}{identity[8:]}"


def write_aaf(path: Path, build: Callable[[AafBuilder], None], units: Any = 24) -> bytes:
    """The bytes of an AAF file that `build` fills; `path` is where it is written, because pyaaf2 wants a file."""
    with aaf2.open(str(path), "w") as file:
        build(AafBuilder(file, units))
    return path.read_bytes()


def build_simple_aaf(builder: AafBuilder) -> None:
    """Three shots: with a tape, without one, and with a tape again, from frame 5 of the file on."""
    first = builder.add_source("A001C001.mov", "A001")
    card = builder.add_source("genai card.png")
    clips = builder.make_clip(first, start=5, length=20), builder.make_clip(card, length=30)
    builder.add_composition(*clips, builder.make_gap(10), builder.make_clip(first, start=50, length=15))


class BinBuilder:
    """Writes one Avid bin."""

    def __init__(self, file: Any, rate: float = 24) -> None:
        self.file, self.rate = file, rate

    def add_source(self, name: str, tape: str = "") -> Any:
        create = self.file.create
        file_mob = create.Composition(mob_type="SourceMob")
        file_mob.descriptor = create.CDCIDescriptor()
        file_mob.descriptor.length = LENGTH
        file_mob.descriptor.mob_kind = 1
        file_mob.length = LENGTH
        below: Any = None
        if tape:
            below = create.Composition(mob_type="SourceMob")
            below.descriptor = create.TapeDescriptor()
            below.descriptor.mob_kind = 2
            below.name, below.length = tape, LENGTH
            self.add_track(below, self.make_timecode(TAPE_START))
            self.add_track(below, self._make_clip_of(None, 0, LENGTH))
            self.file.content.add_mob(below)
        self.add_track(file_mob, self._make_clip_of(below, 100 if tape else 0, LENGTH))
        self.file.content.add_mob(file_mob)
        master = create.Composition(mob_type="MasterMob")
        master.name, master.length = name, LENGTH
        self.add_track(master, self._make_clip_of(file_mob, 0, LENGTH))
        self.file.content.add_mob(master)
        return master

    def make_clip(self, mob: Any, start: int, length: int) -> Any:
        return self._make_clip_of(mob, start, length)

    def _make_clip_of(self, mob: Any, start: int, length: int) -> Any:
        clip = self.file.create.SourceClip(edit_rate=self.rate, media_kind="picture")
        clip.length, clip.start_time, clip.track_id = length, start, 1
        if mob is not None:
            clip.mob_id = mob.mob_id
        return clip

    def make_timecode(self, start: int, drop: bool = False) -> Any:
        timecode = self.file.create.Timecode(edit_rate=self.rate, media_kind="timecode")
        timecode.start, timecode.fps, timecode.length, timecode.flags = start, round(self.rate), LENGTH, int(drop)
        return timecode

    def make_gap(self, length: int) -> Any:
        gap = self.file.create.Filler(edit_rate=self.rate, media_kind="picture")
        gap.length = length
        return gap

    def add_track(self, mob: Any, component: Any) -> None:
        track = self.file.create.Track()
        track.index = 1
        track.component = component
        track.filler_proxy = self.file.create.TrackRef(edit_rate=self.rate, media_kind="picture")
        track.filler_proxy.length = 2_147_483_647
        mob.tracks.append(track)

    def add_composition(self, *parts: Any, name: str = "cut", start: int = START, drop: bool = False) -> Any:
        mob = self.file.create.Composition(mob_type="CompositionMob")
        mob.name, mob.usage_code = name, 0
        mob.length = sum(part.length for part in parts)
        self.add_track(mob, self.make_timecode(start, drop))
        sequence = self.file.create.Sequence(edit_rate=self.rate, media_kind="picture")
        sequence.components = [self.make_gap(0), *parts, self.make_gap(0)]
        self.add_track(mob, sequence)
        self.file.content.add_mob(mob)
        return mob


def write_bin(path: Path, build: Callable[[BinBuilder], None], rate: float = 24) -> bytes:
    """The bytes of a bin that `build` fills."""
    with avb.open() as file:
        build(BinBuilder(file, rate))
        file.write(str(path))
    return path.read_bytes()


def build_simple_bin(builder: BinBuilder) -> None:
    """As `build_simple_aaf`."""
    first = builder.add_source("A001C001.mov", "A001")
    card = builder.add_source("genai card.png")
    clips = builder.make_clip(first, 5, 20), builder.make_clip(card, 0, 30)
    builder.add_composition(*clips, builder.make_gap(10), builder.make_clip(first, 50, 15))
