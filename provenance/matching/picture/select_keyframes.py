"""Keyframe selection: few frames where nothing happens, and one wherever something comes or goes.

This is step 2 of docs/matching.md; the numbers in the code are those of that page.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.shots import LUMA_SIZE, Keyframe, Shot

_SHORT = 1.5
"""Seconds: a part of a shot that is not longer has one keyframe."""
_EVERY = 2.5
"""Seconds of a longer part for each of its keyframes."""
_CLOSE_EVERY = 3
"""Of the keyframes of one part, every third is looked at closely in any case, the one in the middle among them."""
_CELL = (8, 6)
"""Width and height, in pixels of a luma thumbnail, of the cells in which events are detected."""
_EVENT = 14.0
"""Gray levels by which a cell must change, above what is usual, for an event."""
_USUAL_STEPS = 6.0
"""How many times the median change of the cell count as usual."""
_SHORTEST = 0.4
"""Seconds that a part between two events must last to have a keyframe of its own."""
_NOISE = 1.0
"""Gray levels of mean difference up to which two keyframes show the same."""


class SelectedKeyframe(NamedTuple):
    """A keyframe that is going to be searched."""

    keyframe: Keyframe
    is_close: bool
    """Whether it is searched closely in any case; what is between such keyframes mostly shows the same as they do."""


def select_keyframes(shot: Shot) -> list[SelectedKeyframe]:
    """Select the keyframes of a shot that are going to be searched, in order of time."""
    # 2.1 Events divide the shot into parts.
    wanted: list[tuple[float, bool]] = []
    for start, end in _divide_at_events(shot):
        # 2.2 Times spread over each part.
        times_of_part = _spread_times(start, end)
        middle = len(times_of_part) // 2
        for number, time in enumerate(times_of_part):
            # 2.4 Those that are looked at closely.
            wanted.append((time, (number - middle) % _CLOSE_EVERY == 0))
    # 2.3 The nearest keyframes, without those that show what the one before shows.
    times = np.array([shot.times[keyframe.frame] for keyframe in shot.keyframes])
    selected: list[SelectedKeyframe] = []
    for time, is_close in wanted:
        keyframe = shot.keyframes[int(np.abs(times - time).argmin())]
        if not selected or is_different(shot, selected[-1].keyframe, keyframe):
            selected.append(SelectedKeyframe(keyframe, is_close))
        elif is_close:
            selected[-1] = selected[-1]._replace(is_close=True)
    return selected


def is_different(shot: Shot, one: Keyframe, other: Keyframe) -> bool:
    """Whether two keyframes of a shot show different things."""
    return float(cv2.absdiff(shot.luma[one.frame], shot.luma[other.frame]).mean()) > _NOISE


def _divide_at_events(shot: Shot) -> list[tuple[float, float]]:
    """Step 2.1: (start, end) in seconds of the parts between sudden changes of some cell of the frame."""
    start = float(shot.times[0])
    end = float(shot.times[-1])
    steps = _measure_steps(shot)
    if not len(steps):
        return [(start, end)]
    is_event = (steps > _EVENT + _USUAL_STEPS * np.median(steps, axis=0)).any(1)
    # Flashes and short fades are events close together: a part that ends too soon is joined with the next one.
    bounds = [start]
    for time in (*shot.times[1:-1][is_event], end):
        if time - bounds[-1] >= _SHORTEST:
            bounds.append(float(time))
    bounds[-1] = end
    return list(itertools.pairwise(bounds)) or [(start, end)]


def _measure_steps(shot: Shot) -> NDArray[np.float64]:
    """(frames - 1, cells) float64: gray levels by which each cell changes from one frame to the next."""
    # In 16 bits, because differences of unsigned bytes wrap.
    differences = np.abs(np.diff(shot.luma.astype(np.int16), axis=0))
    width, height = LUMA_SIZE
    cell_width, cell_height = _CELL
    rows = height // cell_height
    columns = width // cell_width
    cells = differences.reshape(-1, rows, cell_height, columns, cell_width)
    means: NDArray[np.float64] = cells.mean((2, 4)).reshape(-1, rows * columns)
    return means


def _spread_times(start: float, end: float) -> list[float]:
    """Step 2.2: the times, in seconds, at which a part of a shot is searched."""
    count = 1
    if end - start > _SHORT:
        count = math.ceil((end - start) / _EVERY)
    return [start + (number + 0.5) / count * (end - start) for number in range(count)]
