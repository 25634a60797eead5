"""Moving shots made of pictures: a camera over one, a set with depth and actors, the noise of a sensor."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.material import HIGH, WIDE, Picture, resize

_MIN_WARP_SCALE = 0.7
"""Scale below which a warp alone would alias."""
_NOISE_FRAMES = 12
"""Different frames of sensor noise; they are repeated."""


def view(picture: Picture, zoom: float, x: float, y: float) -> Picture:
    """(HIGH, WIDE, 3): a camera's frame of a picture, closer by `zoom` (1: all of it), from (0, 0) to (1, 1) in it."""
    height, width = picture.shape[:2]
    scale = WIDE * zoom / width
    left, top = x * (width * scale - WIDE), y * (height * scale - HIGH)
    if scale < _MIN_WARP_SCALE:
        small = resize(picture, round(width * scale), round(height * scale))
        shift = np.array([[1, 0, -left], [0, 1, -top]])
        return np.asarray(cv2.warpAffine(small, shift, (WIDE, HIGH)), np.uint8)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    affine = np.array([[scale, 0, -left], [0, scale, -top]])
    warped = cv2.warpAffine(picture, affine, (WIDE, HIGH), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(warped, np.uint8)


def add_noise(picture: Picture, strength: float, number: int) -> Picture:
    """Add the noise of a sensor, different in every frame; `strength` is its standard deviation."""
    return np.asarray(np.clip(picture + _make_noise(strength, number % _NOISE_FRAMES), 0, 255), np.uint8)


@functools.cache
def _make_noise(strength: float, number: int) -> NDArray[np.int16]:
    random = np.random.default_rng(number)
    return np.asarray(random.standard_normal((HIGH, WIDE, 1)) * strength, np.int16)


@dataclass(frozen=True)
class Layer:
    """A thing in front of the backdrop."""

    picture: Picture
    mask: NDArray[np.float32]
    place: tuple[float, float]
    """Of its centre in the frame, when the camera is in the middle."""
    depth: float
    """How much more it moves than the backdrop when the camera does."""
    drift: tuple[float, float]
    """Own movement, frames a second; an actor's, not a wall's."""


@dataclass(frozen=True)
class FilmSet:
    """A set with depth: a backdrop, things in front of it, and actors. Two takes of it are not the same pictures."""

    backdrop: Picture
    things: tuple[Layer, ...]

    def render(self, time: float, camera: float, light: float = 1.0, phase: float = 0.0) -> Picture:
        """The frame of a camera at `camera`, -1 to 1 from left to right; `phase`: seconds that the actors are ahead."""
        frame = view(self.backdrop, 1.3, 0.5 + 0.35 * camera, 0.5)
        for thing in self.things:
            x = thing.place[0] - 0.3 * camera * thing.depth + thing.drift[0] * (time + phase)
            y = thing.place[1] + 0.06 * np.sin(2 * (time + phase)) * (thing.drift[1] != 0)
            # An actor who leaves on the right comes back on the left.
            _lay_over(frame, thing, (x + 0.6) % 2.2 - 0.6, y)
        return np.asarray(cv2.convertScaleAbs(frame, alpha=light), np.uint8)


def build_set(random: np.random.Generator, backdrop: Picture, others: list[Picture]) -> FilmSet:
    """Build a set from several pictures: about half of the frame is not the backdrop."""
    things = []
    for number in range(6):
        source = others[int(random.integers(len(others)))]
        size = int(random.uniform(190, 420))
        piece = resize(source[:, : source.shape[0]], size, size)
        mask = np.zeros((size, size), np.uint8)
        around = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        reach = size / 2 * random.uniform(0.72, 1, 12)
        corners = size / 2 + np.column_stack((np.cos(around), np.sin(around))) * reach[:, None]
        cv2.fillPoly(mask, [corners.astype(np.int32)], 255, cv2.LINE_AA)
        drift = (0.0, 0.0)
        is_actor = number < 2
        if is_actor:
            drift = (float(random.uniform(0.04, 0.12)), 1.0)
        place = (float(random.uniform(-0.2, 1.2)), float(random.uniform(0.35, 0.8)))
        depth = float(random.uniform(1.5, 3.0))
        things.append(Layer(piece, np.asarray(mask[:, :, None] / 255, np.float32), place, depth, drift))
    return FilmSet(backdrop, tuple(things))


def _lay_over(frame: Picture, thing: Layer, x: float, y: float) -> None:
    """Blend a thing into the frame with its centre at (x, y), shares of the frame; it may be partly outside."""
    size = len(thing.mask)
    left, top = round(x * WIDE - size / 2), round(y * HIGH - size / 2)
    in_frame = np.s_[max(0, top) : max(0, min(HIGH, top + size)), max(0, left) : max(0, min(WIDE, left + size))]
    in_thing = np.s_[max(0, -top) : max(0, min(size, HIGH - top)), max(0, -left) : max(0, min(size, WIDE - left))]
    if frame[in_frame].size == 0:
        return
    under = frame[in_frame].astype(np.float32)
    over = thing.picture[in_thing] - under
    frame[in_frame] = (under + over * thing.mask[in_thing]).astype(np.uint8)
