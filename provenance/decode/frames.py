"""One decoded frame -> gray and small pictures, upright, tone mapped and in the shape in which it is shown."""

from __future__ import annotations

import re
from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from provenance.decode import tone_map
from provenance.media.arrays import Floats, Gray, Rgb

_LUMA_FIRST = ("yuv4", "yuvj4", "nv12", "nv16", "nv21", "gray")
"""Beginnings of FFmpeg's names of pixel formats whose first plane is luma."""
_FLOAT_FORMAT = re.compile(r"f(16|32)(le|be)")
"""In names of pixel formats whose samples are floating-point numbers, with their bits and byte order."""
_BYTE_ORDERS = {"le": "<", "be": ">"}
_WITH_ALPHA = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya")
"""Beginnings of names of pixel formats with an alpha channel."""
BACKGROUND = 128
"""Gray level shown behind transparent parts, 0 to 255."""
_SQUARE = Fraction(1)
"""Pixel aspect: width of a pixel divided by its height."""
_WIDEST_PIXEL = Fraction(4)
"""Pixel aspects beyond this, or below its inverse, are damage."""
_MOST_LIGHT = 1e4
"""Linear light above which a value is damage; averaging must not meet infinity."""


def from_rgb(picture: Rgb) -> VideoFrame:
    """A frame that shows an RGB array."""
    return VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")


def make_luma_thumbnail(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """A few pixels of luma, stretched to `size` (width, height): enough to see cuts and to follow a part.

    Tone mapped only for floating-point frames; neither turned upright nor corrected for pixel aspect.
    """
    if _FLOAT_FORMAT.search(frame.format.name):
        step = _subsample_step(frame.width, frame.height, size)
        plane = tone_map.linear_to_gray(_read_linear(frame, step))
    elif (luma := _view_luma(frame)) is not None:
        luma = _take_one_field(frame, luma)
        step = _subsample_step(luma.shape[1], luma.shape[0], size)
        plane = np.ascontiguousarray(luma[::step, ::step])
    else:
        return frame.reformat(*size, format="gray", interpolation="AREA").to_ndarray().astype(np.uint8)
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _subsample_step(width: int, height: int, size: tuple[int, int]) -> int:
    """Every how many pixels are enough to shrink a picture to `size` without aliasing."""
    return max(1, min(width // (3 * size[0]), height // (3 * size[1])))


def to_gray(frame: VideoFrame, side: int, pixel_aspect: Fraction = _SQUARE) -> Gray:
    """Gray of at most `side` pixels a side, upright, as a screen shows it."""
    size = fit_within(frame.width * float(pixel_aspect), frame.height, side)
    if _FLOAT_FORMAT.search(frame.format.name):
        light = tone_map.normalise_exposure(_resize_linear(frame, size))
        return _turn_upright(tone_map.linear_to_gray(light), frame.rotation)
    return _turn_upright(_apply_tone_curve(frame, _decode_gray(frame, size)), frame.rotation)


def to_rgb(frame: VideoFrame, side: int, pixel_aspect: Fraction = _SQUARE) -> Rgb:
    """RGB of at most `side` pixels a side, upright, as a screen shows it."""
    size = fit_within(frame.width * float(pixel_aspect), frame.height, side)
    if _FLOAT_FORMAT.search(frame.format.name):
        light = tone_map.normalise_exposure(_resize_linear(frame, size))
        return _turn_upright((tone_map.to_screen(light) * 255).astype(np.uint8), frame.rotation)
    picture = frame.reformat(*size, "rgb24", interpolation="AREA").to_ndarray()
    return _turn_upright(_apply_tone_curve(frame, picture.astype(np.uint8)), frame.rotation)


def fit_within(width: float, height: float, side: int) -> tuple[int, int]:
    """Width and height in whole pixels, scaled down so that the long side is at most `side`."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def check_pixel_aspect(aspect: Fraction | None) -> Fraction:
    """The pixel aspect that a file names; square pixels when it names none that makes sense."""
    if aspect and 1 / _WIDEST_PIXEL <= aspect <= _WIDEST_PIXEL:
        return aspect
    return Fraction(1)


def _decode_gray(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """Gray as the file codes it: HDR and log are not tone mapped yet."""
    if frame.format.name.startswith(_WITH_ALPHA):
        return _blend_on_background(frame, size)
    plane = _view_luma(frame)
    if plane is None and not frame.interlaced_frame:
        return frame.reformat(*size, "gray", interpolation="AREA").to_ndarray().astype(np.uint8)
    if plane is None:
        # At full size, because both fields are still woven together.
        plane = frame.reformat(format="gray").to_ndarray().astype(np.uint8)
    return cv2.resize(_take_one_field(frame, plane), size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _apply_tone_curve(frame: VideoFrame, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    curve = tone_map.find_tone_curve(frame.color_trc)
    if curve is None:
        return picture
    return np.asarray(cv2.LUT(picture, curve), np.uint8)


def _view_luma(frame: VideoFrame) -> Gray | None:
    """The luma plane itself, if the frame has one of 8 bits: nothing is converted or copied."""
    name = frame.format.name
    if not name.startswith(_LUMA_FIRST) or frame.format.components[0].bits != 8:
        return None
    plane = frame.planes[0]
    # Decoders pad the lines of a plane; the padding is cut off.
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : frame.width]


def _take_one_field(frame: VideoFrame, picture: Gray) -> Gray:
    """Every other line of an interlaced frame: its two fields show two moments."""
    if not frame.interlaced_frame:
        return picture
    return picture[::2]


def _blend_on_background(frame: VideoFrame, size: tuple[int, int]) -> Gray:
    """Gray of a frame with an alpha channel."""
    rgba = frame.reformat(*size, "rgba", interpolation="AREA").to_ndarray().astype(np.uint8)
    picture = cv2.cvtColor(rgba, cv2.COLOR_RGBA2GRAY)
    alpha = rgba[:, :, 3].astype(np.float32) / 255
    # An alpha channel that hides the whole picture was never meant to be used.
    if not alpha.any():
        return picture.astype(np.uint8)
    return (picture * alpha + BACKGROUND * (1 - alpha)).astype(np.uint8)


def _read_linear(frame: VideoFrame, step: int = 1) -> Floats:
    """(height, width, 3) linear light of a floating-point frame, every `step` pixels in both directions."""
    samples = _FLOAT_FORMAT.search(frame.format.name)
    assert samples
    dtype = np.dtype(f"{_BYTE_ORDERS[samples[2]]}f{int(samples[1]) // 8}")
    planes = []
    for plane in frame.planes:
        lines = np.frombuffer(memoryview(plane), dtype)
        planes.append(lines.reshape(plane.height, plane.line_size // dtype.itemsize))
    if len(planes) >= 3:
        # FFmpeg keeps the planes as green, blue, red.
        channels = [planes[number][::step, : frame.width : step] for number in (2, 0, 1)]
    else:
        # The channels of a pixel are side by side, or there is only one.
        count = len(frame.format.components)
        packed = planes[0][:, : frame.width * count].reshape(frame.height, frame.width, count)[::step, ::step]
        numbers = (0, 1, 2) if count > 2 else (0, 0, 0)
        channels = [packed[:, :, number] for number in numbers]
    finite = [np.nan_to_num(channel.astype(np.float32), posinf=_MOST_LIGHT, neginf=0) for channel in channels]
    return np.stack(finite, axis=2)


def _resize_linear(frame: VideoFrame, size: tuple[int, int]) -> Floats:
    """(height, width, 3) linear light at `size` (width, height)."""
    # Of a huge frame four pixels in each direction are enough for one of the result.
    step = max(1, max(frame.width, frame.height) // (4 * max(size)))
    light = np.clip(_read_linear(frame, step), 0, _MOST_LIGHT)
    return np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)


def _turn_upright(picture: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """`rotation`: degrees counter-clockwise, as the container says it."""
    return np.ascontiguousarray(np.rot90(picture, round(rotation / 90) % 4))
