"""One decoded frame -> gray and small pictures, upright, in the shape in which it is shown."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance import features, fingerprints
from provenance.features import Gray
from provenance.intake.fingerprints import tone
from provenance.looks import TINY

_LUMA_FIRST = ("yuv4", "yuvj4", "nv12", "nv16", "nv21", "gray")


def tiny(frame: VideoFrame) -> Gray:
    """64 x 36 pixels of luma, whatever the shape: enough to see cuts and to follow a part."""
    plane = _luma(frame)
    if plane is None:
        return frame.reformat(*TINY, format="gray", interpolation="AREA").to_ndarray().astype(np.uint8)
    step = max(1, min(plane.shape[1] // (3 * TINY[0]), plane.shape[0] // (3 * TINY[1])))
    return cv2.resize(np.ascontiguousarray(plane[::step, ::step]), TINY, interpolation=cv2.INTER_AREA).astype(np.uint8)


def gray(frame: VideoFrame, shape: Fraction = Fraction(1)) -> Gray:
    """At most `features.SIDE` pixels a side. `shape`: width of a pixel against its height."""
    width, height = fitting(frame.width * float(shape), frame.height, features.SIDE)
    if "f32" in frame.format.name:
        picture = cv2.resize(tone.gray_of_linear(_linear(frame)), (width, height), interpolation=cv2.INTER_AREA)
    elif (plane := _luma(frame)) is not None:
        picture = cv2.resize(_one_field(frame, plane), (width, height), interpolation=cv2.INTER_AREA)
    elif frame.interlaced_frame:
        whole = frame.reformat(format="gray").to_ndarray().astype(np.uint8)
        picture = cv2.resize(_one_field(frame, whole), (width, height), interpolation=cv2.INTER_AREA)
    else:
        picture = frame.reformat(width, height, "gray", interpolation="AREA").to_ndarray()
    if (levels := tone.curve(frame.color_trc)) is not None:
        picture = cv2.LUT(picture, levels)
    return _upright(np.asarray(picture, np.uint8), frame.rotation)


def small(frame: VideoFrame, shape: Fraction = Fraction(1)) -> NDArray[np.uint8]:
    """RGB, to be shown."""
    width, height = fitting(frame.width * float(shape), frame.height, fingerprints.SMALL)
    if "f32" in frame.format.name:
        light = np.asarray(cv2.resize(_linear(frame), (width, height), interpolation=cv2.INTER_AREA), np.float32)
        return _upright((tone.shown(light) * 255).astype(np.uint8), frame.rotation)
    picture = frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
    return _upright(picture.astype(np.uint8), frame.rotation)


def fitting(width: float, height: float, side: int) -> tuple[int, int]:
    """Width and height with the long side at most `side`, in whole pixels."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _luma(frame: VideoFrame) -> Gray | None:
    """The luma plane itself, where it is one of 8 bits: nothing is converted or copied."""
    name = frame.format.name
    if not name.startswith(_LUMA_FIRST) or frame.format.components[0].bits != 8:
        return None
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : frame.width]


def _one_field(frame: VideoFrame, picture: Gray) -> Gray:
    return picture[::2] if frame.interlaced_frame else picture


def _linear(frame: VideoFrame) -> NDArray[np.float32]:
    """(height, width, 3) of a float frame: green, blue, red, as FFmpeg keeps them."""
    planes = [
        np.frombuffer(memoryview(plane), np.float32).reshape(plane.height, plane.line_size // 4)[:, : frame.width]
        for plane in frame.planes[:3]
    ]
    if len(planes) < 3:
        return np.repeat(planes[0][:, :, None], 3, axis=2)
    green, blue, red = planes
    return np.stack((red, green, blue), axis=2)


def _upright(picture: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(picture, round(rotation / 90) % 4))
