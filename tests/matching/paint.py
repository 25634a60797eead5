"""Pictures with enough in them to be found again, made from a number: shapes over clouds, no two alike."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shots import LUMA_SIZE, Keyframe, Shot
from provenance.timecode import StartTimecode

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 360


@functools.cache
def paint_picture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """RGB."""
    random = np.random.default_rng(seed)
    canvas = np.zeros((height, width, 3), np.float32)
    for cells, strength in ((3, 90), (9, 50), (40, 40)):
        clouds = random.uniform(-1, 1, (cells, cells * 16 // 9, 3)).astype(np.float32)
        canvas += cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC) * strength
    picture = np.clip(canvas + 120, 0, 255).astype(np.uint8)
    for _ in range(90):
        centre = (int(random.integers(width)), int(random.integers(height)))
        size = (int(random.integers(4, 60)), int(random.integers(4, 40)))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        cv2.ellipse(picture, centre, size, float(random.uniform(0, 180)), 0, int(random.integers(120, 361)), colour, -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.uint8)


def to_gray(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def make_thumbnail(picture: Picture) -> Picture:
    scale = pictures.THUMBNAIL_SIDE / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def make_fingerprint(picture: Picture, time: float = 0.0, most: int = pictures.FULL_POINTS) -> PictureFingerprint:
    return pictures.make_fingerprint(to_gray(picture), make_thumbnail(picture), most, time)


def make_keyframe(picture: Picture, frame: int = 0) -> Keyframe:
    return Keyframe(frame, to_gray(picture), make_thumbnail(picture))


def make_shot(shown: list[Picture], first: float = 0.0, rate: int = 24, *, every: int = 12) -> Shot:
    """A shot of these frames, every twelfth of them a keyframe."""
    luma = [np.asarray(cv2.resize(to_gray(one), LUMA_SIZE, interpolation=cv2.INTER_AREA), np.uint8) for one in shown]
    times = first + np.arange(len(shown) + 1) / rate
    keyframes = tuple(make_keyframe(shown[number], number) for number in range(0, len(shown), every))
    return Shot(times, np.stack(luma), keyframes, StartTimecode(0, rate))  # type: ignore[arg-type]  # a whole rate will do


def inset(picture: Picture, ground: Picture, size: float, x: float, y: float) -> Picture:
    """A picture inside another; `size` and place as shares of it."""
    out = ground.copy()
    wide, high = int(ground.shape[1] * size), int(ground.shape[0] * size)
    left, top = int((ground.shape[1] - wide) * x), int((ground.shape[0] - high) * y)
    out[top : top + high, left : left + wide] = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
    return out


def grade(picture: Picture) -> Picture:
    return (np.clip(picture / 255.0 * 1.3 - 0.15, 0, 1) ** 1.3 * (255, 230, 190)).astype(np.uint8)


def crop(picture: Picture, keep: float, x: float = 0.5, y: float = 0.5) -> Picture:
    high, wide = picture.shape[:2]
    h, w = int(high * keep), int(wide * keep)
    top, left = int((high - h) * y), int((wide - w) * x)
    cut = picture[top : top + h, left : left + w]
    return np.asarray(cv2.resize(cut, (wide, high), interpolation=cv2.INTER_CUBIC), np.uint8)


def add_titles(picture: Picture) -> Picture:
    out = picture.copy()
    for text, y in (("THE LAST SUMMER", 150), ("a film by someone", 210), ("COMING SOON", 320)):
        cv2.putText(out, text, (60, y), cv2.FONT_HERSHEY_DUPLEX, 1.6, (250, 250, 250), 4, cv2.LINE_AA)
    return out
