"""A file -> the labels that stand in its pictures, as statements, each with a cut-out of what was read.

1. A frame every half second is taken; of codecs whose frames stand alone no other is decoded.
2. Frames that show one thing are a shot. Of each a frame in the middle is read, of a long one a frame every four
   seconds, and in the first and the last two seconds of the file one every second.
3. Where a label was read, the other frames that are kept of the shot are read as well: a label that is in two of them,
   at one place, stands there.
4. Labels with the same words at one place, one shot after the other, are one statement, from its first time to its
   last.
"""

from __future__ import annotations

import math
import time as clock
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import av.error
import cv2
import numpy as np
from av.video.frame import VideoFrame

from provenance.decode import frames, stills
from provenance.decode.animation import find_animation
from provenance.decode.av_container import open_essence
from provenance.decode.errors import DecodeError, make_decode_error
from provenance.decode.interface import MovingPicture
from provenance.decode.jpeg_encode import encode_jpeg
from provenance.decode.movie import MovieStream, count_moving_pictures, find_movie_stream, name_moving_picture
from provenance.decode.sequence import FrameSequenceStream
from provenance.evidence.text import visible_text
from provenance.fingerprint.extract import choose_packets
from provenance.fingerprint.shot_detection import compare_thumbnails
from provenance.fingerprint.shots import LUMA_SIZE
from provenance.labels import reader
from provenance.labels.reader import Box, TextReader
from provenance.labels.select_lines import Label, describe_position, select_labels
from provenance.labels.weights import HINT, NOT_INSTALLED, WeightsUnusableError
from provenance.media.arrays import Gray, Rgb
from provenance.media.source import Source
from provenance.media.types import has_demuxer, is_moving
from provenance.model.asset import Cutout
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

STAGE = "label"

SIDE = 960
"""Pixels of the long side at which a frame is read: soft and half transparent marks are read better than at 1920."""
_SMALLEST = 100
"""Pixels of the long side of a still, below which it is an icon."""
_EVERY = 0.5
"""Seconds between two frames that are taken."""
_LOOK_EVERY = 4.0
"""Seconds of a shot for which one look is enough."""
_ENDS = 2.0
"""Seconds at the beginning and at the end of a file in which a frame every second is read."""
_SAME_SHOT = 0.7
"""Likeness of luma thumbnails of two frames, half a second apart, from which on they belong to one shot."""
_LONGEST_PIECE = 16.0
"""Seconds after which a shot is read in pieces: frames of this time are in memory."""
_STANDS = 0.5
"""Intersection by union of two boxes from which on they are one place."""
_LONGEST_GAP = 10.0
"""Seconds between two readings of one label that may belong together."""
_EARLY_END = 2.0
"""Seconds by which the last frame that is taken may come before the end of the stream …"""
_EARLY_END_SHARE = 0.01
"""… and a share of its length."""
_MOST_SHOTS = 0.8
"""Share of the shots in which a label is read that stands in the whole moving picture."""
_MOST_LABELS = 200
"""Statements of one file."""
_CUTOUT_SIDE = 640
"""Pixels of the long side of a cut-out …"""
_LARGEST_CUTOUT = 20_000
"""… and its bytes."""
_QUALITIES = (85, 70, 50, 30)

Row = Statement | Cutout | Trouble


def look_for_labels(source: Source, until: float = math.inf) -> Iterator[Row]:
    """Look at a still, an animation or a movie. Yields nothing for a file that shows nothing.

    `until`: when to stop, on the monotonic clock; what was not looked at by then is a Trouble.
    """
    shows_movie = is_moving(source.media_type) and has_demuxer(source.media_type)
    if not shows_movie and not stills.can_decode(source.media_type):
        return
    text_reader = _load()
    if isinstance(text_reader, Trouble):
        yield text_reader
        return
    try:
        if animation := find_animation(source):
            looker = _Looker(animation, text_reader, until)
            looker.look(animation.frames())
            yield from _describe(looker)
        elif stills.can_decode(source.media_type):
            yield from _look_at_still(source, text_reader)
        else:
            yield from _look_at_movie(source, text_reader, until)
    except DecodeError as error:
        yield error.trouble


def look_at_frames(sequence: FrameSequenceStream, until: float = math.inf) -> Iterator[Row]:
    """Look at a frame sequence."""
    text_reader = _load()
    if isinstance(text_reader, Trouble):
        yield text_reader
        return
    thinned = sequence.thin_out(_EVERY)
    first_number = thinned.files[0][0]

    def describe_time(first: float, last: float) -> str:
        numbers = [first_number + round(time * sequence.rate) for time in (first, last)]
        if numbers[0] == numbers[1]:
            return f"frame {numbers[0]}"
        return f"frames {numbers[0]} to {numbers[1]}"

    looker = _Looker(thinned, text_reader, until)
    looker.look(thinned.frames())
    yield from _describe(looker, describe_time)


def _load() -> TextReader | Trouble:
    """The reader, or why there is none."""
    try:
        text_reader = reader.load()
    except (WeightsUnusableError, OSError, cv2.error) as error:
        detail = f"the text reader cannot be used: {error}"
    else:
        if text_reader:
            return text_reader
        detail = f"{NOT_INSTALLED}; {HINT}"
    return Trouble("", STAGE, Cause.NOT_INSTALLED, detail)


def _look_at_movie(source: Source, text_reader: TextReader, until: float) -> Iterator[Row]:
    """Look at all moving pictures of a movie."""
    number, count = 0, 1
    while number < count:
        # Opened for each: one that cannot be decoded must not cost the others.
        try:
            with open_essence(source) as container:
                count = count_moving_pictures(container)
                if movie := find_movie_stream(container, source, number=number):
                    is_wanted = choose_packets(movie, _EVERY, _EVERY)
                    looker = _Looker(movie, text_reader, until)
                    looker.look(movie.frames(is_wanted))
                    rows = [*_describe(looker), *_find_early_end(looker, movie)]
                    yield from (_name_moving_picture(row, number, count) for row in rows)
        except DecodeError as error:
            yield name_moving_picture(error.trouble, number, count)
        except (av.error.FFmpegError, ValueError) as error:
            yield name_moving_picture(make_decode_error(error).trouble, number, count)
        number += 1


def _name_moving_picture(row: Row, number: int, count: int) -> Row:
    """The row with the number of its moving picture, where a movie has several."""
    if isinstance(row, Trouble):
        return name_moving_picture(row, number, count)
    if count == 1:
        return row
    return replace(row, where=f"picture stream {number + 1} of {count}: {row.where}")


def _look_at_still(source: Source, text_reader: TextReader) -> Iterator[Row]:
    """A still is read at two sizes: small text is lost in the smaller one, soft marks in the larger."""
    largest = 2 * SIDE
    picture = stills.shrink(stills.decode_thumbnail(source, largest), largest)
    if max(picture.shape) < _SMALLEST:
        return
    small = stills.shrink(picture, SIDE)
    labels = select_labels(text_reader.read(small), is_still=True)
    if max(picture.shape) > SIDE:
        for label in select_labels(text_reader.read(picture), is_still=True):
            if not any(label.box.measure_overlap(other.box) > 0 for other in labels):
                labels.append(label)
    for label in labels[:_MOST_LABELS]:
        where = f"{describe_position(label.box)}, {_describe_box(label.box, picture.shape)}"
        yield Statement(visible_text.CARRIER, where, visible_text.LINE, label.text)
        yield Cutout(where, _cut_out(picture, label.box))
    yield Statement(visible_text.CARRIER, "the picture", visible_text.LOOKED, "1 of 1 pictures")


def _find_early_end(looker: _Looker, movie: MovieStream) -> Iterator[Trouble]:
    """Where packets are left out, nobody else says that a movie ends before its time."""
    stream = movie.stream
    stated = float((stream.duration or 0) * (stream.time_base or 0))
    seen = looker.end + float(max(stream.start_time or 0, 0) * (stream.time_base or 0))
    is_early = stated - seen > _EARLY_END + _EARLY_END_SHARE * stated
    if is_early and not looker.is_cut_short and not movie.troubles:
        detail = f"should last {stated:.1f} s, but labels could be looked for in the first {seen:.1f} s alone"
        yield Trouble("", STAGE, Cause.MALFORMED, detail)


def _describe(looker: _Looker, describe_time: Callable[[float, float], str] | None = None) -> Iterator[Row]:
    """What was found in a moving picture, how much of it was looked at, and what stood in the way."""
    moving = looker.moving
    if describe_time is None:

        def describe_time(first: float, last: float) -> str:
            begin, end = moving.start.format_at(first), moving.start.format_at(last)
            return begin if begin == end else f"{begin} to {end}"

    tracks = sorted(looker.tracks, key=lambda track: track.first)
    for track in tracks[:_MOST_LABELS]:
        where = f"{describe_time(track.first, track.last)}, {describe_position(track.box)}, {track.where}"
        key = looker.choose_key(track)
        yield Statement(visible_text.CARRIER, where, key, track.text)
        yield Cutout(where, track.cutout)
    looked = f"{looker.shots} of {looker.shots} shots"
    if looker.is_cut_short:
        looked = f"{looker.shots} of {looker.shots + 1} or more shots"
        detail = f"labels were looked for up to {describe_time(looker.end, looker.end)}: the rest takes too long"
        yield Trouble("", STAGE, Cause.SLOW, detail)
    yield Statement(visible_text.CARRIER, "the moving picture", visible_text.LOOKED, looked)
    yield from moving.troubles
    if len(tracks) > _MOST_LABELS:
        yield Trouble("", STAGE, Cause.OVERSIZED, f"shows more than {_MOST_LABELS} labels; the rest was not kept")


@dataclass(slots=True, eq=False)
class _View:
    """A frame that may be read."""

    time: float
    """Seconds from the first frame."""
    picture: Rgb
    labels: list[Label] | None = None
    """None until it was read."""


@dataclass(slots=True)
class _Track:
    """A label that was read, at one place, once or several times."""

    text: str
    box: Box
    first: float
    last: float
    """Seconds from the first frame."""
    cutout: bytes
    where: str
    """The box in pixels."""
    must_stand_still: bool = False
    readings: int = 1
    shots: int = 1
    last_shot: int = 0
    """Number of the shot in which it was read last."""


@dataclass(slots=True)
class _Looker:
    """Reads the frames of one moving picture shot by shot."""

    moving: MovingPicture
    text_reader: TextReader
    until: float
    tracks: list[_Track] = field(default_factory=list)
    shots: int = 0
    """Those that were looked at."""
    end: float = 0.0
    """Seconds from the first frame to the last that was taken."""
    is_cut_short: bool = False
    """Whether there was no time for the rest."""
    _views: list[_View] = field(default_factory=list)
    """Of the shot that is being collected."""
    _last_luma: Gray | None = None
    _full_side: float = 0.0
    """Pixels of the long side of the frames as a screen shows them."""

    def look(self, decoded: Iterator[tuple[float, VideoFrame]]) -> None:
        """Look at everything."""
        next_time = -math.inf
        for time, frame in decoded:
            luma = frames.make_luma_thumbnail(frame, LUMA_SIZE)
            is_cut = self._last_luma is not None and compare_thumbnails(self._last_luma, luma) < _SAME_SHOT
            # Where every frame is decoded, a shot may begin between two that would be taken.
            if time < next_time and not is_cut:
                continue
            if is_cut or (self._views and time - self._views[0].time >= _LONGEST_PIECE):
                self._end_shot(is_last=False)
            if clock.monotonic() > self.until:
                self.is_cut_short = True
                break
            self._last_luma = luma
            self._views.append(_View(time, frames.to_rgb(frame, SIDE, self.moving.pixel_aspect)))
            self._full_side = max(frame.width * float(self.moving.pixel_aspect), frame.height)
            self.end, next_time = time, time + _EVERY - 1e-3
        self._end_shot(is_last=True)
        # A single reading of a word that may be anything is none.
        self.tracks = [track for track in self.tracks if track.readings > 1 or not track.must_stand_still]

    def choose_key(self, track: _Track) -> str:
        """What a statement says of how long a label stands there."""
        if track.readings == 1:
            return visible_text.LINE_ONCE
        if track.shots >= _MOST_SHOTS * self.shots:
            return visible_text.LINE
        return visible_text.LINE_IN_SHOTS

    def _end_shot(self, *, is_last: bool) -> None:
        views, self._views = self._views, []
        if not views:
            return
        # Nearly all shots have no label: one look decides, and only a hit is worth more.
        self.shots += 1
        chosen = _choose_views(views, is_last=is_last)
        for view in chosen:
            self._read(view)
        if any(view.labels for view in chosen):
            self._confirm(views)
        for view in views:
            for label in view.labels or ():
                self._add(label, view)

    def _read(self, view: _View) -> None:
        view.labels = select_labels(self.text_reader.read(view.picture))

    def _confirm(self, views: Sequence[_View]) -> None:
        """Step 3: read the outermost frames, which also tells since when and until when a label stands there."""
        rest = [view for view in views if view.labels is None]
        for view in [rest[0], rest[-1]] if len(rest) > 1 else rest:
            self._read(view)

    def _add(self, label: Label, view: _View) -> None:
        """Step 4."""
        # The same letters may be read a little otherwise in the next frame.
        folded = visible_text.fold(label.text)
        for track in self.tracks:
            is_same = visible_text.fold(track.text) == folded and track.box.measure_overlap(label.box) >= _STANDS
            if is_same and view.time - track.last <= _LONGEST_GAP:
                track.last = max(track.last, view.time)
                track.readings += 1
                track.shots += self.shots != track.last_shot
                track.last_shot = self.shots
                return
        where = _describe_box(label.box, view.picture.shape, self._full_side / max(view.picture.shape))
        cutout = _cut_out(view.picture, label.box)
        track = _Track(label.text, label.box, view.time, view.time, cutout, where, label.must_stand_still)
        track.last_shot = self.shots
        self.tracks.append(track)


def _choose_views(views: Sequence[_View], *, is_last: bool) -> list[_View]:
    """Step 2: the frames of a shot that are read in any case."""
    end = views[-1].time
    # What stands there for two seconds is in every second frame that is taken.
    opening = [view for view in views if view.time < _ENDS]
    ending = [view for view in views if is_last and view.time > end - _ENDS]
    chosen = list(dict.fromkeys([*_take_every_second(opening), *_take_every_second(ending)]))
    count = max(1, round((end - views[0].time) / _LOOK_EVERY))
    for number in range(count):
        middle = views[(2 * number + 1) * len(views) // (2 * count)]
        if middle not in chosen:
            chosen.append(middle)
    return chosen


def _take_every_second(views: list[_View]) -> list[_View]:
    return views[1::2] or views[:1]


def _describe_box(box: Box, shape: tuple[int, ...], scale: float = 1.0) -> str:
    """`1512,990-1856,1042` in pixels of the file."""
    height, width = shape[0] * scale, shape[1] * scale
    corners = (box.left * width, box.top * height, box.right * width, box.bottom * height)
    left, top, right, bottom = map(round, corners)
    return f"{left},{top}-{right},{bottom}"


def _cut_out(picture: Rgb, box: Box) -> bytes:
    """A JPEG of a label and of what is around it, of 20 kB at most."""
    height, width = picture.shape[:2]
    # A person has to see what the words stand on: a sign, a screen, or the picture itself.
    margin = max(2.0 * box.height * height, 0.03 * height)
    left, top = max(0, int(box.left * width - margin)), max(0, int(box.top * height - margin))
    right, bottom = min(width, int(box.right * width + margin)), min(height, int(box.bottom * height + margin))
    part = stills.shrink(np.ascontiguousarray(picture[top : bottom + 1, left : right + 1]), _CUTOUT_SIDE)
    data = b""
    for quality in _QUALITIES:
        data = encode_jpeg(part, quality, optimize=True)
        if len(data) <= _LARGEST_CUTOUT:
            return data
    # However noisy the picture is, the words stay.
    return encode_jpeg(stills.shrink(part, _CUTOUT_SIDE // 2), _QUALITIES[-1], optimize=True)
