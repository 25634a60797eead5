"""Local features of a frame for a first look: the same kind as `features`, for a third of the cost.

SIFT as in `features` doubles the picture before it blurs it to all sizes, once to detect keypoints and once more to
describe them. Here the sizes of one octave lie on a grid of half the pixels, are made once, and only keypoints that are
kept get a direction. The keypoints lie a little less exactly: they find candidates and are not compared themselves.
Steps after Lowe, IJCV 2004.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import Features, choose_spread, make_features, stretch_contrast
from provenance.media.arrays import Floats, Gray

_LAYERS = 3
"""Sizes of each octave at which keypoints are detected."""
_FIRST_BLUR = 0.8
"""Blur of the first size of an octave, in pixels of its own grid: half of what SIFT has on its finer one."""
_CAMERA_BLUR = 0.5
"""Blur that a picture has already."""
_SMALLEST_SIDE = 12
"""Pixels of an octave's short side below which there is none."""
_BORDER = 5
"""Pixels at the edges of an octave without keypoints."""
_LEAST_CONTRAST = 1.7
"""Gray levels by which a keypoint differs from what is around it: `features` has a third of 0.02 of 255."""
_FARTHEST_OFFSET = 1.0
"""Steps by which a keypoint may lie beside the pixel at which it was detected."""
_MOST_EDGE = 12.1
"""Squared sum of both curvatures over their product, above which it is an edge: one ten times the other."""
_DIRECTIONS = 36
"""Bins of the histogram from which the direction of a keypoint is taken."""
_NEXT_DIRECTION = 0.8
"""Share of the highest peak from which on another one is a direction as well."""
_DIRECTION_WINDOW = 1.5
"""Deviation of the window in which directions are counted, in sizes of the keypoint."""
_CELL_SIZE = 3.0
"""Side of a cell of the descriptor, in sizes of the keypoint."""
_SAMPLES = 16
"""Gradients that are sampled along each side of a descriptor, and for a direction."""
_CELLS = 4
"""Cells of the descriptor along each side."""
_BINS = 8
"""Directions of gradients in each cell."""
_LARGEST_SHARE = 0.2
"""Of the length of a descriptor: what is more in one bin is cut off, as light changes some gradients alone."""
_SHIFT = 0.25
"""Pixels by which SIFT's keypoints lie further right and down, because it doubles pictures from their edges."""


class _Octave(NamedTuple):
    """A picture, blurred to all sizes of one octave."""

    blurred: Floats
    """(`_LAYERS` + 3, height, width) float32."""
    differences: Floats
    """(`_LAYERS` + 2, height, width) float32: between neighbouring sizes."""


class _Found(NamedTuple):
    """n keypoints of one octave."""

    places: Floats
    """(n, 2) float32: x and y in pixels of the octave."""
    layers: NDArray[np.intp]
    """(n,) int64, 1 to `_LAYERS`."""
    sizes: Floats
    """(n,) float32: blur in pixels of the octave."""
    responses: Floats
    """(n,) float32."""


class _Gradients(NamedTuple):
    """Gradients of all sizes with keypoints, behind each other, and where those of each keypoint are."""

    across: Floats
    down: Floats
    """Flat float32: gray levels per two pixels, to the right and down."""
    starts: NDArray[np.intp]
    """(n,) int64: where the size of each keypoint begins."""
    widths: NDArray[np.intp]
    heights: NDArray[np.intp]
    """(n,) int64: of that size."""


def extract_quick_features(gray: Gray, most: int) -> Features:
    """Detect and describe at most `most` keypoints, spread over the picture.

    `gray`: (height, width) uint8, the long side at most `GRAY_SIDE` pixels. Words and signatures are zeros.
    """
    height, width = gray.shape
    stretched = stretch_contrast(gray)
    octaves = _make_octaves(stretched) if stretched is not None else []
    found = [_detect(octave) for octave in octaves]
    if not sum(len(each.responses) for each in found):
        return make_features(width, height, np.zeros((0, 5), np.float32), np.zeros((0, 128), np.float32))
    factors = np.repeat(2.0 ** np.arange(len(found)), [len(each.responses) for each in found]).astype(np.float32)
    numbers = np.repeat(np.arange(len(found)), [len(each.responses) for each in found])
    places = np.concatenate([each.places for each in found])
    sizes = np.concatenate([each.sizes for each in found])
    layers = np.concatenate([each.layers for each in found])
    responses = np.concatenate([each.responses for each in found])
    # x, y, size as a diameter, angle, response.
    table = np.column_stack(
        (places * factors[:, None] + _SHIFT, 2 * sizes * factors, np.zeros(len(sizes)), responses)
    ).astype(np.float32)
    kept = choose_spread(table, most)
    gradients = _measure_gradients(octaves, numbers[kept], layers[kept])
    rows, turns = _find_directions(gradients, places[kept], sizes[kept])
    rows, turns = rows[:most], turns[:most]
    raw = _describe(gradients, rows, places[kept[rows]], sizes[kept[rows]], turns)
    table = table[kept[rows]]
    table[:, 3] = (360 - np.degrees(turns)) % 360
    return make_features(width, height, table, raw)


def extract_coarse_features(gray: Gray, most: int) -> Features:
    """Features of what is not fine in a picture, taken at half of its size: a quarter of the cost.

    `gray` and `most` are those of `extract_quick_features`; so are the pixels in which places and sizes are measured.
    """
    height, width = gray.shape
    size = max(1, width // 2), max(1, height // 2)
    half = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = extract_quick_features(half, most)
    factors = np.array([width / size[0], height / size[1]])
    # Places count from the middle of the first pixel.
    points = ((found.points + 0.5) * factors - 0.5).astype(np.float32)
    # An octave larger.
    scales = np.minimum(found.scales, 255 - 8) + np.uint8(8)
    return dataclasses.replace(found, width=width, height=height, points=points, scales=scales)


def _make_octaves(gray: Gray) -> list[_Octave]:
    """Blur a picture to all sizes."""
    octaves = []
    growth = 2 ** (1 / _LAYERS)
    base = gray.astype(np.float32)
    step = math.sqrt(_FIRST_BLUR**2 - _CAMERA_BLUR**2)
    while min(base.shape) >= _SMALLEST_SIDE:
        blurred = np.empty((_LAYERS + 3, *base.shape), np.float32)
        differences = np.empty((_LAYERS + 2, *base.shape), np.float32)
        if step:
            _blur(base, step, blurred[0])
        else:
            blurred[0] = base
        for number in range(_LAYERS + 2):
            _blur(blurred[number], _FIRST_BLUR * growth**number * math.sqrt(growth**2 - 1), blurred[number + 1])
            cv2.subtract(blurred[number + 1], blurred[number], dst=differences[number])
        octaves.append(_Octave(blurred, differences))
        base = blurred[_LAYERS, ::2, ::2]
        step = 0.0
    return octaves


def _blur(picture: Floats, deviation: float, result: Floats) -> None:
    side = 2 * math.ceil(3 * deviation) + 1
    cv2.GaussianBlur(picture, (side, side), deviation, dst=result)


def _detect(octave: _Octave) -> _Found:
    """Find the extrema of the differences, their places between the pixels, and leave out edges."""
    differences = octave.differences
    square = np.ones((3, 3), np.uint8)
    highest, lowest = np.empty_like(differences), np.empty_like(differences)
    for number, difference in enumerate(differences):
        cv2.dilate(difference, square, dst=highest[number])
        cv2.erode(difference, square, dst=lowest[number])
    starts = []
    for layer in range(1, _LAYERS + 1):
        top = highest[layer - 1 : layer + 2].max(0, initial=_LEAST_CONTRAST / 2)
        bottom = lowest[layer - 1 : layer + 2].min(0, initial=-_LEAST_CONTRAST / 2)
        is_extreme = (differences[layer] >= top) | (differences[layer] <= bottom)
        inner = is_extreme[_BORDER:-_BORDER, _BORDER:-_BORDER]
        rows, columns = np.divmod(np.flatnonzero(inner), inner.shape[1])
        starts.append(np.column_stack((np.full(len(rows), layer), rows + _BORDER, columns + _BORDER)))
    return _refine(differences, np.concatenate(starts))


def _refine(stack: Floats, starts: NDArray[np.intp]) -> _Found:
    """Fit a parabola through each extremum. `stack`: (layers, height, width). `starts`: (n, 3): layer, row, column."""
    _, height, width = stack.shape
    flat = stack.ravel()
    step = np.array((height * width, width, 1))
    at = starts @ step
    value = flat[at]
    slopes = np.stack([(flat[at + one] - flat[at - one]) / 2 for one in step], 1)
    curves = np.empty((len(at), 3, 3), np.float32)
    for axis, one in enumerate(step):
        curves[:, axis, axis] = flat[at + one] + flat[at - one] - 2 * value
        for other in range(axis):
            two = step[other]
            mixed = flat[at + one + two] + flat[at - one - two] - flat[at + one - two] - flat[at - one + two]
            curves[:, axis, other] = curves[:, other, axis] = mixed / 4
    # Edges.
    traces = curves[:, 1, 1] + curves[:, 2, 2]
    products = curves[:, 1, 1] * curves[:, 2, 2] - curves[:, 1, 2] ** 2
    is_corner = (products > 0) & (traces**2 < _MOST_EDGE * products)
    volumes = np.linalg.det(curves)
    is_corner &= np.abs(volumes) > 1e-6
    starts, value, slopes, curves = starts[is_corner], value[is_corner], slopes[is_corner], curves[is_corner]
    offsets = -np.linalg.solve(curves, slopes[:, :, None])[:, :, 0]
    contrasts = np.abs(value + (slopes * offsets).sum(1) / 2) * _LAYERS
    is_kept = (np.abs(offsets) <= _FARTHEST_OFFSET).all(1) & (contrasts >= _LEAST_CONTRAST * _LAYERS)
    starts, offsets, contrasts = starts[is_kept], offsets[is_kept], contrasts[is_kept]
    exact = (starts + offsets).astype(np.float32)
    sizes = (_FIRST_BLUR * 2 ** (exact[:, 0] / _LAYERS)).astype(np.float32)
    layers = np.clip(np.round(exact[:, 0]), 1, _LAYERS).astype(np.intp)
    return _Found(exact[:, :0:-1], layers, sizes, contrasts.astype(np.float32))


def _measure_gradients(octaves: list[_Octave], numbers: NDArray[np.intp], layers: NDArray[np.intp]) -> _Gradients:
    """Measure the gradients of all sizes. `numbers`, `layers`: (n,) octave and size of each keypoint."""
    sizes = [octave.blurred[0].size for octave in octaves]
    across, down = np.empty(_LAYERS * sum(sizes), np.float32), np.empty(_LAYERS * sum(sizes), np.float32)
    starts, shapes = [], []
    start = 0
    for octave in octaves:
        for blurred in octave.blurred[1 : _LAYERS + 1]:
            part = slice(start, start + blurred.size)
            cv2.Sobel(blurred, cv2.CV_32F, 1, 0, ksize=1, dst=across[part].reshape(blurred.shape))
            cv2.Sobel(blurred, cv2.CV_32F, 0, 1, ksize=1, dst=down[part].reshape(blurred.shape))
            starts.append(start)
            shapes.append(blurred.shape)
            start = part.stop
    which = numbers * _LAYERS + layers - 1
    heights, widths = np.array(shapes, np.intp).T
    return _Gradients(across, down, np.array(starts, np.intp)[which], widths[which], heights[which])


def _sample(gradients: _Gradients, rows: NDArray[np.intp], across: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Lengths and directions of gradients at places. Directions are radians, counter-clockwise, 0 to 2 pi.

    `rows`: (n,) numbers of keypoints. `across`, `down`: (n, m) float32: places in pixels of the octave.
    """
    columns = np.rint(across).astype(np.int32)
    lines = np.rint(down).astype(np.int32)
    widths = gradients.widths[rows, None].astype(np.int32)
    heights = gradients.heights[rows, None].astype(np.int32)
    is_inside = (columns > 0) & (columns < widths - 1) & (lines > 0) & (lines < heights - 1)
    at = np.where(is_inside, lines * widths + columns, 0) + gradients.starts[rows, None]
    # The first pixel of a size lies at its corner, where nothing is counted.
    right = gradients.across[at] * is_inside
    up = -gradients.down[at] * is_inside
    lengths, directions = cv2.cartToPolar(right, up)
    return np.asarray(lengths, np.float32), np.asarray(directions, np.float32)


@functools.cache
def _make_direction_window() -> tuple[Floats, Floats, Floats]:
    """(samples,) float32 each: places across and down in sizes of the keypoint, and weights."""
    reach = 3 * _DIRECTION_WINDOW
    line = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES * 2 - 1) * reach
    down, across = np.meshgrid(line, line, indexing="ij")
    weights = np.exp(-(across**2 + down**2) / (2 * _DIRECTION_WINDOW**2))
    return _flatten(across), _flatten(down), _flatten(weights)


def _find_directions(gradients: _Gradients, places: Floats, sizes: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The directions of keypoints, one or more of each: their numbers, and radians counter-clockwise."""
    across, down, weights = _make_direction_window()
    rows = np.arange(len(sizes))
    lengths, directions = _sample(
        gradients, rows, places[:, :1] + sizes[:, None] * across, places[:, 1:] + sizes[:, None] * down
    )
    bins = np.rint(directions * (_DIRECTIONS / (2 * np.pi))).astype(np.intp) % _DIRECTIONS
    bins += rows[:, None] * _DIRECTIONS
    counted = np.bincount(bins.ravel(), (lengths * weights).ravel(), len(rows) * _DIRECTIONS)
    histograms = counted.reshape(-1, _DIRECTIONS)
    near = np.roll(histograms, 1, 1) + np.roll(histograms, -1, 1)
    far = np.roll(histograms, 2, 1) + np.roll(histograms, -2, 1)
    smooth = (6 * histograms + 4 * near + far) / 16
    left, right = np.roll(smooth, 1, 1), np.roll(smooth, -1, 1)
    is_peak = (smooth > left) & (smooth > right) & (smooth >= _NEXT_DIRECTION * smooth.max(1, keepdims=True))
    peaks, best = np.nonzero(is_peak)
    before, here, after = left[peaks, best], smooth[peaks, best], right[peaks, best]
    exact = best + 0.5 * (before - after) / (before - 2 * here + after)
    return peaks, (exact * (2 * np.pi / _DIRECTIONS)).astype(np.float32)


@functools.cache
def _make_descriptor_window() -> tuple[Floats, Floats, Floats]:
    """Places across and down, (samples,), in cells; and (samples, cells) float32: how much each counts in each cell."""
    reach = _CELLS / 2 + 0.5
    line = ((np.arange(_SAMPLES) + 0.5) / _SAMPLES * 2 - 1) * reach
    down, across = np.meshgrid(line, line, indexing="ij")
    middles = np.arange(_CELLS) - (_CELLS - 1) / 2
    shares = np.maximum(0, 1 - np.abs(line[:, None] - middles))
    both = shares[:, None, :, None] * shares[None, :, None, :]
    fading = np.exp(-(across**2 + down**2) / (_CELLS**2 / 2))
    weights = both * fading[:, :, None, None]
    return _flatten(across), _flatten(down), _flatten(weights).reshape(_SAMPLES**2, _CELLS**2)


def _describe(gradients: _Gradients, rows: NDArray[np.intp], places: Floats, sizes: Floats, turns: Floats) -> Floats:
    """(n, 128) float32, as SIFT describes keypoints. `turns`: their directions, radians counter-clockwise."""
    across, down, weights = _make_descriptor_window()
    cosines, sines = np.cos(turns)[:, None], np.sin(turns)[:, None]
    cell = (_CELL_SIZE * sizes)[:, None]
    lengths, directions = _sample(
        gradients,
        rows,
        places[:, :1] + cell * (across * cosines + down * sines),
        places[:, 1:] + cell * (down * cosines - across * sines),
    )
    bins = ((directions - turns[:, None]) * (_BINS / (2 * np.pi))) % _BINS
    raw = np.empty((len(rows), _CELLS**2, _BINS), np.float32)
    for number in range(_BINS):
        distances = np.abs(bins - number)
        distances = np.minimum(distances, _BINS - distances)
        raw[:, :, number] = (lengths * np.maximum(0, 1 - distances)) @ weights
    described: Floats = raw.reshape(len(rows), -1)
    most = _LARGEST_SHARE * np.linalg.norm(described, axis=1, keepdims=True)
    bounded: Floats = np.minimum(described, most)
    return bounded


def _flatten(values: NDArray[np.float64]) -> Floats:
    return values.ravel().astype(np.float32)
