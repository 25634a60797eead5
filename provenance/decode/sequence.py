"""A frame sequence as a moving picture: one file a frame, each opened, decoded and closed before the next."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from av.video.frame import VideoFrame

from provenance import timecode
from provenance.decode import stills
from provenance.decode.errors import DecodeError
from provenance.limits import Limits
from provenance.media import types
from provenance.media.formats import dpx, exr
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source, reopen
from provenance.media.text import format_packed_timecode as format_digits
from provenance.model.evidence import Trouble
from provenance.model.match import Match, name_frames
from provenance.model.vocabulary import Cause

NumberedPaths = tuple[tuple[int, bytes], ...]
"""Numbers and paths of frames, in order."""
_DROP_FRAME_FLAG = 0x40
"""Bit of a packed SMPTE 12M timecode."""
_DEFAULT_RATE = Fraction(24)
"""Frames a second of a sequence that names no rate."""
_LOWEST_RATE = 1
_HIGHEST_RATE = 1000
"""Frames a second; lower and higher rates make no sense."""
_RATE_TOLERANCE = 0.005
"""Frames a second by which a written rate may differ from the NTSC rate that it means."""
_ZERO = timecode.StartTimecode(0, _DEFAULT_RATE)


@dataclass(slots=True)
class FrameSequenceStream:
    """The frames of one sequence. Gaps in the numbers are gaps in time."""

    files: NumberedPaths
    limits: Limits
    side: int
    """Pixels a side in which a frame is needed: larger pictures may be decoded at a smaller size."""
    troubles: list[Trouble] = field(default_factory=list)
    pixel_aspect: Fraction = Fraction(1)
    """That of the last frame."""
    rate: Fraction = _DEFAULT_RATE
    start: timecode.StartTimecode = _ZERO
    has_rate: bool = False
    """Whether the files themselves name the rate."""
    last_duration: float = 0.0
    """Always 0: a frame lasts as long as the rate says."""
    first: tuple[int, bytes] | None = None
    """Number and path of the frame from which times count, and whose header names rate and timecode, where these are a
    range of a longer sequence; otherwise the first of them."""

    def __post_init__(self) -> None:
        self.first = self.first or self.files[0]
        _, first_path = self.first
        try:
            with reopen(first_path, self.limits) as source:
                rate, text = _read_rate_and_timecode(source)
        except (OSError, MalformedContainer, struct.error):
            # `frames` reports a file that cannot be read.
            return
        if rate:
            self.rate = rate
            self.has_rate = True
            self.start = timecode.parse_start(text, rate)

    @property
    def duration(self) -> float:
        """Seconds."""
        return float((self.files[-1][0] - self.files[0][0] + 1) / self.rate)

    def frames(self) -> Iterator[tuple[float, VideoFrame]]:
        """Yield seconds from the first frame, and the frame; frames that cannot be decoded become troubles."""
        failures: dict[Cause, list[tuple[int, str]]] = {}
        for number, path in self.files:
            try:
                with reopen(path, self.limits) as source:
                    picture = stills.decode(source, self.side)
            except DecodeError as error:
                failures.setdefault(error.cause, []).append((number, str(error)))
            except OSError as error:
                failures.setdefault(Cause.UNREADABLE, []).append((number, error.strerror or str(error)))
            else:
                self.pixel_aspect = picture.pixel_aspect
                yield float((number - self._first_number) / self.rate), picture.frame
        # One trouble for each cause: a thousand broken frames are one thing to look after.
        for cause, failed in failures.items():
            number, detail = failed[0]
            which = f"{len(failed)} frames, the first {number}" if len(failed) > 1 else f"frame {number}"
            self.troubles.append(DecodeError(cause, f"{which}: {detail}").trouble)

    def thin_out(self, seconds: float) -> FrameSequenceStream:
        """The same with at most one frame in so many seconds."""
        files: list[tuple[int, bytes]] = []
        for number, path in self.files:
            if not files or number - files[-1][0] >= seconds * self.rate:
                files.append((number, path))
        return replace(self, files=tuple(files))

    def add_frame_numbers(self, match: Match) -> Match:
        """A match in seconds with the numbers of its frames; its seconds stay only where the files name a rate."""
        if match.time is None:
            return match
        first = self._first_number + round(match.time.start * self.rate)
        end = self._first_number + round(match.time.end * self.rate)
        # The last that exists: a match may reach into a gap.
        last = max((number for number, _ in self.files if number < end), default=first)
        time = match.time if self.has_rate else None
        return replace(match, frames=(first, last), time=time, detail=f"{name_frames(first, last)}{match.detail}")

    @property
    def _first_number(self) -> int:
        number, _ = self.first or self.files[0]
        return number


def _read_rate_and_timecode(source: Source) -> tuple[Fraction | None, str | None]:
    """Frames a second and timecode, as the header of a frame names them."""
    if source.media_type == types.DPX:
        header = dpx.DpxHeader(source)
        return _interpret_rate(header.frame_rate), _format_timecode(header.timecode or 0)
    if source.media_type == types.EXR:
        return _read_exr_rate_and_timecode(source)
    return None, None


def _read_exr_rate_and_timecode(source: Source) -> tuple[Fraction | None, str | None]:
    values: dict[str, bytes] = {}
    for attribute in exr.walk_attributes(source):
        if attribute.part == 0:
            values[attribute.name] = read_within(source, attribute.offset, attribute.length)
    rational = values.get("framesPerSecond", b"")
    packed = int.from_bytes(values.get("timeCode", b"")[:4], "little")
    rate = None
    # A denominator of 0 names no rate.
    if len(rational) == 8 and rational[4:] != bytes(4):
        rate = Fraction(*struct.unpack("<iI", rational))
    return _interpret_rate(rate), _format_timecode(packed)


def _format_timecode(packed: int) -> str | None:
    """SMPTE 12M digits as text, with a semicolon where the flag says drop-frame; None for 0."""
    if not packed:
        return None
    hours_to_seconds, _, frames = format_digits(packed).rpartition(":")
    separator = ";" if packed & _DROP_FRAME_FLAG else ":"
    return f"{hours_to_seconds}{separator}{frames}"


def _interpret_rate(written: Fraction | float | None) -> Fraction | None:
    """The exact rate that is meant: 24000/1001 for 23.976. None for a rate that makes no sense."""
    if not written or not _LOWEST_RATE <= written <= _HIGHEST_RATE:
        return None
    ntsc = Fraction(round(written) * 1000, 1001)
    if abs(float(written) - float(ntsc)) < _RATE_TOLERANCE:
        return ntsc
    return Fraction(written).limit_denominator(1000)
