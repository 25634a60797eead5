"""One decoded frame -> gray and small pictures, upright, in the shape in which it is shown."""

from __future__ import annotations

import re
from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.media.arrays import Gray, Rgb
from provenance.media.decode import tone_map

_LUMA_FIRST = ("yuv4", "yuvj4", "nv12", "nv16", "nv21", "gray")
_FLOATS = re.compile(r"f(16|32)(le|be)")
_SEE_THROUGH = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya")
_GROUND = 128.0
"""Gray that transparent parts are laid on."""


def from_rgb(picture: Rgb) -> VideoFrame:
    """A frame that shows an RGB array."""
    return VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")


def luma_thumbnail(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """A few pixels of luma, stretched to `size` (width, height): enough to see cuts and to follow a part."""
    if _FLOATS.search(frame.format.name):
        plane = tone_map.linear_to_gray(_linear(frame, every=_subsample(frame.width, frame.height, size)))
    elif (luma := _luma(frame)) is not None:
        luma = _one_field(frame, luma)
        step = _subsample(luma.shape[1], luma.shape[0], size)
        plane = np.ascontiguousarray(luma[::step, ::step])
    else:
        return frame.reformat(*size, format="gray", interpolation="AREA").to_ndarray().astype(np.uint8)
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _subsample(width: int, height: int, size: tuple[int, int]) -> int:
    """Every how many pixels are enough to shrink a picture to `size` without aliasing."""
    return max(1, min(width // (3 * size[0]), height // (3 * size[1])))


def to_gray(frame: VideoFrame, side: int, pixel_aspect: Fraction = Fraction(1)) -> Gray:
    """At most `side` pixels a side, upright. `pixel_aspect`: width of a pixel against its height."""
    size = fit_within(frame.width * float(pixel_aspect), frame.height, side)
    if _FLOATS.search(frame.format.name):
        return _upright(tone_map.linear_to_gray(tone_map.normalise_exposure(_light(frame, size))), frame.rotation)
    return _upright(_toned(frame, _coded(frame, size)), frame.rotation)


def _coded(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """Gray as the file codes it, HDR and log included."""
    if frame.format.name.startswith(_SEE_THROUGH):
        return _laid(frame, size)
    plane = _luma(frame)
    if plane is None and not frame.interlaced_frame:
        return frame.reformat(*size, "gray", interpolation="AREA").to_ndarray().astype(np.uint8)
    if plane is None:
        plane = frame.reformat(format="gray").to_ndarray().astype(np.uint8)
    return cv2.resize(_one_field(frame, plane), size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def to_rgb(frame: VideoFrame, side: int, pixel_aspect: Fraction = Fraction(1)) -> Rgb:
    """At most `side` pixels a side, upright, as a screen shows it. `pixel_aspect` as in `to_gray`."""
    size = fit_within(frame.width * float(pixel_aspect), frame.height, side)
    if _FLOATS.search(frame.format.name):
        light = tone_map.normalise_exposure(_light(frame, size))
        return _upright((tone_map.to_screen(light) * 255).astype(np.uint8), frame.rotation)
    picture = frame.reformat(*size, "rgb24", interpolation="AREA").to_ndarray()
    return _upright(_toned(frame, picture.astype(np.uint8)), frame.rotation)


def fit_within(width: float, height: float, side: int) -> tuple[int, int]:
    """Width and height with the long side at most `side`, in whole pixels."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _toned(frame: VideoFrame, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    levels = tone_map.curve(frame.color_trc)
    return picture if levels is None else np.asarray(cv2.LUT(picture, levels), np.uint8)


def _luma(frame: VideoFrame) -> Gray | None:
    """The luma plane itself, where it is one of 8 bits: nothing is converted or copied."""
    name = frame.format.name
    if not name.startswith(_LUMA_FIRST) or frame.format.components[0].bits != 8:
        return None
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : frame.width]


def _one_field(frame: VideoFrame, picture: Gray) -> Gray:
    return picture[::2] if frame.interlaced_frame else picture


def _laid(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """Gray of a picture with transparent parts; an alpha channel that hides everything was never meant."""
    layers = frame.reformat(*size, "rgba", interpolation="AREA").to_ndarray().astype(np.uint8)
    picture = cv2.cvtColor(layers, cv2.COLOR_RGBA2GRAY)
    cover = layers[:, :, 3].astype(np.float32) / 255
    if not cover.any():
        return picture.astype(np.uint8)
    return (picture * cover + _GROUND * (1 - cover)).astype(np.uint8)


def _linear(frame: VideoFrame, every: int = 1) -> NDArray[np.float32]:
    """(height, width, 3) of a frame of floats, every so many pixels. FFmpeg keeps planes as green, blue, red."""
    told = _FLOATS.search(frame.format.name)
    assert told
    kind = np.dtype(f"{'<' if told[2] == 'le' else '>'}f{int(told[1]) // 8}")
    planes = [
        np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
        for plane in frame.planes
    ]
    if len(planes) >= 3:
        cut = [planes[number][::every, : frame.width : every] for number in (2, 0, 1)]
    else:  # the channels of a pixel stand together, or there is only one
        count = len(frame.format.components)
        packed = planes[0][:, : frame.width * count].reshape(frame.height, frame.width, count)[::every, ::every]
        cut = [packed[:, :, channel if count > 2 else 0] for channel in range(3)]
    return np.stack([np.nan_to_num(channel.astype(np.float32), posinf=1e4, neginf=0) for channel in cut], axis=2)


def _light(frame: VideoFrame, size: tuple[int, int]) -> NDArray[np.float32]:
    """The same at another size; of a huge frame only some of its pixels are taken."""
    light = _linear(frame, every=max(1, max(frame.width, frame.height) // (4 * max(size))))
    return np.asarray(cv2.resize(np.clip(light, 0, 1e4), size, interpolation=cv2.INTER_AREA), np.float32)


def _upright(picture: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.rot90(picture, round(rotation / 90) % 4))
