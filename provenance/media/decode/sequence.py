"""A frame sequence as a moving picture: one file a frame, each read, decoded and let go."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from av.video.frame import VideoFrame

from provenance import timecode
from provenance.limits import Limits
from provenance.media.decode import stills
from provenance.media.decode.errors import DecodeError
from provenance.media.formats import dpx, exr
from provenance.media.readable import MalformedContainer, bounded
from provenance.media.source import Source, reopen
from provenance.media.text import timecode as unpacked
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Cause

Files = tuple[tuple[int, bytes], ...]
"""Numbers and paths of frames, in order."""
_DROP = 0x40
_USUAL = Fraction(24)
"""Frames a second of what names none."""
_ZERO = timecode.Start(0, _USUAL)


@dataclass(slots=True)
class FrameSequenceStream:
    """The frames of one sequence. Gaps in the numbers are gaps in time."""

    files: Files
    limits: Limits
    side: int
    """Pixels a side that a frame is needed in: larger pictures may be decoded shrunk."""
    troubles: list[Trouble] = field(default_factory=list)
    pixel_aspect: Fraction = Fraction(1)
    rate: Fraction = _USUAL
    start: timecode.Start = _ZERO
    paced: bool = False
    """Whether the files themselves say how many frames a second they are."""

    def __post_init__(self) -> None:
        try:
            with reopen(self.files[0][1], self.limits) as source:
                rate, text = _told(source)
        except (OSError, MalformedContainer, struct.error):
            return
        if rate:
            self.rate, self.paced = rate, True
            self.start = timecode.start(text, rate)

    @property
    def duration(self) -> float:
        """Seconds."""
        return float((self.files[-1][0] - self.files[0][0] + 1) / self.rate)

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Seconds from the first frame, and the frame; what cannot be read is passed over and told."""
        broken: dict[Cause, list[tuple[int, str]]] = {}
        for number, path in self.files:
            try:
                with reopen(path, self.limits) as source:
                    picture = stills.decode(source, self.side)
            except DecodeError as fault:
                broken.setdefault(fault.cause, []).append((number, str(fault)))
            except OSError as fault:
                broken.setdefault(Cause.UNREADABLE, []).append((number, fault.strerror or str(fault)))
            else:
                self.pixel_aspect = picture.pixel_aspect
                yield float((number - self.files[0][0]) / self.rate), picture.frame
        for cause, told in broken.items():
            many = f"{len(told)} frames, the first {told[0][0]}" if len(told) > 1 else f"frame {told[0][0]}"
            self.troubles.append(DecodeError(cause, f"{many}: {told[0][1]}").trouble)

    def thin_out(self, seconds: float) -> FrameSequenceStream:
        """The same with no more frames than one in so many seconds."""
        kept: list[tuple[int, bytes]] = []
        for number, path in self.files:
            if not kept or number - kept[-1][0] >= seconds * self.rate:
                kept.append((number, path))
        return replace(self, files=tuple(kept))

    def add_frame_numbers(self, match: Match) -> Match:
        """A match in seconds told with the numbers of its frames; its seconds only where the files know of any."""
        if match.time is None:
            return match
        zero = self.files[0][0]
        first = zero + round(match.time.start * self.rate)
        end = zero + round(match.time.end * self.rate)
        last = max((number for number, _ in self.files if number < end), default=first)
        told = f"frames {first} to {last}" if last > first else f"frame {first}"
        time = match.time if self.paced else None
        return replace(match, frames=(first, last), time=time, detail=f"{told}: {match.detail}")


def _told(source: Source) -> tuple[Fraction | None, str | None]:
    """Frames a second and timecode, as a frame names them."""
    if source.media_type == "image/x-dpx":
        header = dpx.Header(source)
        return _rate(header.rate), _timecode(header.timecode or 0)
    if source.media_type != "image/x-exr":
        return None, None
    said = {one.name: bounded(source, one.offset, one.length) for one in exr.attributes(source) if one.part == 0}
    pace, code = said.get("framesPerSecond", b""), said.get("timeCode", b"")
    rate = Fraction(*struct.unpack("<iI", pace)) if len(pace) == 8 and pace[4:] != bytes(4) else None
    return _rate(rate), _timecode(int.from_bytes(code[:4], "little"))


def _timecode(packed: int) -> str | None:
    """SMPTE 12M digits as text, with a semicolon where the flag says drop-frame."""
    hours, _, frames = unpacked(packed).rpartition(":")
    return f"{hours}{';' if packed & _DROP else ':'}{frames}" if packed else None


def _rate(told: Fraction | float | None) -> Fraction | None:
    """The exact rate that is meant: 24000/1001 for 23.976. None for what makes no sense."""
    if not told or not 1 <= told <= 1000:
        return None
    slow = Fraction(round(told) * 1000, 1001)
    return slow if abs(float(told) - float(slow)) < 0.005 else Fraction(told).limit_denominator(1000)
