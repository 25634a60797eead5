"""Avid bins: the sequences in them and the mobs these are made of, as pyavb gives them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar

from provenance.media.readable import MissingLibrary
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import snap_rate
from provenance.timeline.interface import Cut, CutOptions, CutReader
from provenance.timeline.mobs import (
    Clip,
    Gap,
    Label,
    Layers,
    Mob,
    MobKind,
    MobReader,
    Part,
    PartSequence,
    PartTransition,
    Slot,
    find_compositions,
)
from provenance.timeline.names import read_umid

_KINDS = {"picture": "V", "sound": "A", "timecode": "T"}
_MAGIC = b"Domain"
_DEPTH = 60
_TRACKS_A_KIND = 100_000
"""Tracks are numbered within their kind, so a slot's id is that of its kind plus its number."""
_DROP = 1
"""Flag of a timecode."""


class AvidBin(CutReader):
    """Sequences of an Avid bin."""

    name = "avid_bin"
    title = "Avid bin"
    suffixes: ClassVar[tuple[str, ...]] = (".avb",)

    def accepts(self, source: Source) -> bool:
        """By its first bytes."""
        return _MAGIC in source.at(0, 16)

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every sequence of the bin."""
        del options  # The format always says its rate.
        try:
            import avb
        except ImportError as missing:
            raise MissingLibrary("Avid bins are read with pyavb: install provenance[timeline]") from missing
        if source.raw is None:
            stream: Any = io.BytesIO(source.at(0, source.size))
        else:
            stream = source.file
            stream.seek(0)
        file = avb.file.AVBFile(stream)
        mobs = {}
        for found in file.content.mobs:
            mob = _convert_mob(found)
            mobs[mob.id] = mob
        compositions = find_compositions(mobs, [_get_id(mob.mob_id) for mob in file.content.toplevel()])
        compositions = [mob for mob in compositions if mob.kind is MobKind.COMPOSITION]
        if not compositions:
            yield Trouble("", self.name, Cause.UNSUPPORTED, "contains clips, but no sequence: there is no cut in it")
        reader = MobReader("avid-bin", mobs)
        for composition in compositions:
            yield reader.make_cut(composition)


def _get_id(mob_id: Any) -> str:
    text = str(mob_id)
    return read_umid(text) or text


def _convert_mob(mob: Any) -> Mob:
    kind = {"CompositionMob": MobKind.COMPOSITION, "MasterMob": MobKind.MASTER}.get(mob.mob_type, MobKind.FILE)
    locators: list[str] = []
    descriptor = mob.descriptor
    if kind is MobKind.FILE and descriptor is not None:
        if type(descriptor).__name__ in ("TapeDescriptor", "MCTapeDescriptor"):
            kind = MobKind.TAPE
        locators = list(_find_paths(descriptor))
    slots = filter(None, map(_convert_track, mob.tracks))
    return Mob(_get_id(mob.mob_id), kind, mob.name or "", tuple(slots), tuple(locators))


def _find_paths(descriptor: Any) -> Iterator[str]:
    for holder in (descriptor, getattr(descriptor, "physical_media", None)):
        locator = getattr(holder, "locator", None)
        for name in ("url", "path", "path_utf8", "path_posix", "path2_utf8"):
            value = getattr(locator, name, None)
            if isinstance(value, str) and value:
                yield value
                break


def _convert_track(track: Any) -> Slot | None:
    component = track.component
    rate = float(component.edit_rate or 0) if component is not None else 0.0
    if not 0 < rate < 1_000_000:
        return None
    kind = _KINDS.get(component.media_kind, "")
    return Slot(_make_slot_id(kind, track.index), kind, snap_rate(rate), _convert_part(component), track.index)


def _make_slot_id(kind: str, index: int) -> int:
    return "VAT".find(kind) * _TRACKS_A_KIND + index if kind else -1


def _convert_part(part: Any, depth: int = 0) -> Part:
    """The part as a value; what is unknown is a gap of its length."""
    name = type(part).__name__
    length = int(getattr(part, "length", 0) or 0)
    if depth > _DEPTH or part is None:
        return Gap(length)
    if name == "Sequence":
        return PartSequence(_convert_parts(part.components, depth))
    if name == "SourceClip":
        slot_id = _make_slot_id(_KINDS.get(part.media_kind, ""), part.track_id)
        return Clip(length, _get_id(part.mob_id), slot_id, int(part.start_time))
    if name == "TransitionEffect":
        return PartTransition(length, int(part.cutpoint))
    if name == "Timecode":
        return Label(length, int(part.start), int(part.fps), bool(part.flags & _DROP))
    if name == "Selector":
        tracks = list(part.tracks)
        selected = min(max(int(getattr(part, "selected", 0)), 0), len(tracks) - 1)
        return _convert_part(tracks[selected].component, depth + 1) if tracks else Gap(length)
    if hasattr(part, "tracks"):
        return _convert_group(part, name, length, depth)
    return Gap(length)


def _convert_parts(parts: Any, depth: int) -> tuple[Part, ...]:
    return tuple(_convert_part(part, depth + 1) for part in parts)


def _convert_group(part: Any, name: str, length: int, depth: int) -> Part:
    """An effect, a retime, or a group of tracks."""
    tracks = list(part.tracks)
    if name == "EssenceGroup":
        del tracks[1:]  # Other sizes of the same picture.
    components = filter(None, (getattr(track, "component", None) for track in tracks))
    speed: Fraction | None = Fraction(1)
    if name == "MotionEffect":
        speed = _read_speed(part)
    return Layers(length, _convert_parts(components, depth), speed, str(getattr(part, "effect_id", "") or name))


def _read_speed(part: Any) -> Fraction | None:
    """The speed of a motion effect; None for one that varies."""
    for parameter in getattr(part, "param_list", None) or ():
        if parameter.uuid is not None and getattr(parameter, "control_track", None) is not None:
            return None
    numerator, denominator = part.speed_ratio
    return Fraction(numerator, denominator) if denominator else None
