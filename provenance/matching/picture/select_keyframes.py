"""Which frames of a shot are looked at closely: few where nothing happens, one wherever something comes or goes."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np

from provenance.fingerprint.shots import Keyframe, Shot

_SHORT, _EVERY = 1.5, 2.5
"""Seconds: a shot up to the first is looked at once, a longer one every so often."""
_EVENT, _CALM, _CLOSEST = 14.0, 6.0, 0.4
"""A part of the frame that changes at once by so many gray levels and so many times its usual step begins something
new, which is looked at too when it lasts so many seconds."""
_STILL = 1.0
"""Gray levels of mean difference up to which two views show the same."""


def select_keyframes(shot: Shot) -> list[Keyframe]:
    """Views spread over the shot; one that shows what the one before showed is left out."""
    wanted = [time for start, end in _calm(shot) for time in _spread(start, end)]
    at = np.array([shot.times[view.frame] for view in shot.keyframes])
    chosen: list[Keyframe] = []
    for time in wanted:
        view = shot.keyframes[int(np.abs(at - time).argmin())]
        if not chosen or is_different(shot, chosen[-1], view):
            chosen.append(view)
    return chosen


def _calm(shot: Shot) -> list[tuple[float, float]]:
    """Seconds from and to: the shot between sudden changes of some part of it."""
    steps = np.abs(np.diff(shot.luma.astype(np.int16), axis=0)).reshape(-1, 6, 6, 8, 8).mean((2, 4)).reshape(-1, 48)
    begin, end = float(shot.times[0]), float(shot.times[-1])
    if not len(steps):
        return [(begin, end)]
    sudden = (steps > _EVENT + _CALM * np.median(steps, axis=0)).any(1)
    events = shot.times[1:-1][sudden]
    marks = [begin]
    for time in (*events, end):
        if time - marks[-1] >= _CLOSEST:
            marks.append(float(time))
    marks[-1] = end
    return list(itertools.pairwise(marks)) or [(begin, end)]


def _spread(start: float, end: float) -> list[float]:
    """Times at which to look at a stretch."""
    count = 1 if end - start <= _SHORT else math.ceil((end - start) / _EVERY)
    return [start + (number + 0.5) / count * (end - start) for number in range(count)]


def is_different(shot: Shot, one: Keyframe, other: Keyframe) -> bool:
    """Whether two views of a shot show different things."""
    return float(cv2.absdiff(shot.luma[one.frame], shot.luma[other.frame]).mean()) > _STILL
