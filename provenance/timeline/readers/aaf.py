"""AAF, with media linked or embedded: compositions and the mobs they are made of, as pyaaf2 gives them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar

from provenance.media import types
from provenance.media.readable import MissingLibrary, OversizedContainer
from provenance.media.source import FaultRecordingFile, Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
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

_KINDS = {"Picture": "V", "Sound": "A", "LegacyPicture": "V", "LegacySound": "A", "Timecode": "T"}
_DEPTH = 60


class Aaf(CutReader):
    """Compositions of an AAF file."""

    name = "aaf"
    title = "AAF"
    suffixes: ClassVar[tuple[str, ...]] = (".aaf",)

    def accepts(self, source: Source) -> bool:
        """By its type."""
        return source.media_type == types.AAF or source.name.lower().endswith(self.suffixes)

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield every top-level composition."""
        del options  # The format always says its rate.
        try:
            from aaf2.file import AAFFile
        except ImportError as missing:
            raise MissingLibrary("AAF files are read with pyaaf2: install provenance[timeline]") from missing
        with _open_descriptor(source) as descriptor, _open_file(AAFFile, descriptor) as file:
            mobs = {}
            for found in file.content.mobs:
                mob = _convert_mob(found)
                mobs[mob.id] = mob
            top_ids = [_get_id(mob.mob_id) for mob in file.content.toplevel()]
            compositions = find_compositions(mobs, top_ids)
            if not compositions:
                yield Trouble("", self.name, Cause.MALFORMED, "contains no composition")
            reader = MobReader("aaf", mobs)
            for composition in compositions:
                yield reader.make_cut(composition)


@contextlib.contextmanager
def _open_file(file_class: Any, descriptor: int) -> Iterator[Any]:
    """The file as pyaaf2 sees it, which closes nothing where it cannot read it."""
    file = file_class.__new__(file_class)
    try:
        file.__init__(descriptor, "r")
        yield file
    finally:
        if stream := getattr(file, "f", None):
            stream.close()


@contextlib.contextmanager
def _open_descriptor(source: Source) -> Iterator[int]:
    """A descriptor of the file, because pyaaf2 takes paths and descriptors only. It closes what it is given.

    A file that is held in memory, or in object storage, is written to a temporary one, which has no name.
    """
    if isinstance(source.raw, FaultRecordingFile):
        yield os.dup(source.raw.fileno())
        return
    if source.size > source.limits.child:
        raise OversizedContainer(f"has more than {source.limits.child:,} bytes, and object storage gives no file of it")
    with tempfile.TemporaryFile() as copy:
        source.file.seek(0)
        shutil.copyfileobj(source.file, copy)
        copy.flush()
        yield os.dup(copy.fileno())


def _get_id(mob_id: Any) -> str:
    text = str(mob_id)
    return read_umid(text) or text


def _convert_mob(mob: Any) -> Mob:
    kind = {"CompositionMob": MobKind.COMPOSITION, "MasterMob": MobKind.MASTER}.get(type(mob).__name__, MobKind.FILE)
    locators = []
    if kind is MobKind.FILE:
        descriptor = mob.descriptor
        if type(descriptor).__name__ == "TapeDescriptor":
            kind = MobKind.TAPE
        locators = [str(locator["URLString"].value) for locator in descriptor.locator if "URLString" in locator]
    slots = filter(None, map(_convert_slot, mob.slots))
    return Mob(_get_id(mob.mob_id), kind, mob.name or "", tuple(slots), tuple(locators))


def _convert_slot(slot: Any) -> Slot | None:
    segment = slot.segment
    rate = Fraction(getattr(slot, "edit_rate", 0) or 0)
    if segment is None or rate <= 0:
        return None
    number = _get_value(slot, "PhysicalTrackNumber") or 0
    kind = _KINDS.get(segment.media_kind, "")
    return Slot(slot.slot_id, kind, rate, _convert_part(segment), number, slot.name or "")


def _get_value(holder: Any, name: str) -> Any:
    """A property of an object; None where the file leaves it out, for which pyaaf2 raises."""
    if name not in holder:
        return None
    return holder[name].value


def _convert_part(part: Any, depth: int = 0) -> Part:
    """The part as a value; what is unknown is a gap of its length."""
    name = type(part).__name__
    length = int(_get_value(part, "Length") or 0)
    if depth > _DEPTH:
        return Gap(length)
    if name == "Sequence":
        return PartSequence(_convert_parts(part.components, depth))
    if name == "SourceClip":
        return Clip(length, _get_id(part.mob_id), part.slot_id or 0, int(part.start or 0))
    if name == "Transition":
        return PartTransition(length, _read_cut_point(part, length))
    if name == "Timecode":
        return Label(length, int(part.start), int(part.fps), bool(part.drop))
    if name == "OperationGroup":
        return _convert_effect(part, length, depth)
    if name == "Selector":
        return _convert_part(part["Selected"].value, depth + 1)
    if name == "EssenceGroup":
        # The choices are other sizes of the same picture.
        choices = list(_get_value(part, "Choices") or ())
        return Layers(length, _convert_parts(choices[:1], depth))
    if name == "NestedScope":
        return Layers(length, _convert_parts(part.slots, depth))
    return Gap(length)


def _read_cut_point(part: Any, length: int) -> int:
    """Edit units from the start of a transition to the edit point: its middle, where the file does not say."""
    if "CutPoint" not in part:
        return length // 2
    return int(part["CutPoint"].value)


def _convert_parts(parts: Any, depth: int) -> tuple[Part, ...]:
    return tuple(_convert_part(part, depth + 1) for part in parts)


def _convert_effect(part: Any, length: int, depth: int) -> Part:
    name = ""
    if part.operation:
        name = part.operation.name
    return Layers(length, _convert_parts(part.segments, depth), _read_speed(part), name)


def _read_speed(part: Any) -> Fraction | None:
    """The speed that a motion effect sets, 1 for other effects, None for one that varies."""
    parameters = {parameter.name: parameter for parameter in part.parameters}
    if "PARAM_SPEED_MAP_U" in parameters:
        # A curve of speeds over time.
        speeds = {Fraction(point.value) for point in parameters["PARAM_SPEED_MAP_U"].pointlist}
        if len(speeds) != 1:
            return None
        return speeds.pop()
    if "PARAM_OFFSET_MAP_U" in parameters:
        return None
    ratio = getattr(parameters.get("SpeedRatio"), "value", None)
    if not ratio:
        return Fraction(1)
    # The ratio is that of lengths: shown to used.
    return 1 / Fraction(ratio)
