"""One picture -> its lines of text: a network finds them, another reads each.

Both are PP-OCR networks (Apache-2.0, Baidu), which OpenCV runs. Detection follows "Real-time Scene Text Detection with
Differentiable Binarization" (Liao and others, 2020), recognition is decoded by connectionist temporal classification.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.labels.weights import Weights, WeightsUnusableError, find_weights, read_characters
from provenance.media.arrays import Floats, Rgb

_GRID = 32
"""Pixels: the sides of what goes into the detection network are multiples of it."""
_TEXT = 0.3
"""Probability from which on a pixel belongs to a line of text."""
_LEAST_BOX_SCORE = 0.5
"""Mean probability within a box, below which it is no line."""
_UNCLIP = 1.6
"""By how much a box grows, in areas by perimeters: the network marks the core of a line."""
_SHORTEST_SIDE = 5
"""Pixels of a box; smaller text cannot be read."""
_MOST_LINES = 60
"""Lines that are read of one picture, the largest first."""
_LINE_HEIGHT = 48
"""Pixels to which a line is scaled."""
_LONGEST_LINE = 48 * 32
"""Pixels of the width of a scaled line; a longer one is squeezed."""
_NARROWEST_LINE = 48
_UPRIGHT = 1.5
"""Height by width from which on a box is text from bottom to top."""
_LEAST_CONFIDENCE = 0.5
"""Mean probability of the characters of a line, below which it was not read."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the width and the height of a picture, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Share of the width of the picture."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Share of the height of the picture."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """Across and down."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def measure_overlap(self, other: Box) -> float:
        """Intersection by union, 0 to 1."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        common = across * down
        return common / (self.width * self.height + other.width * other.height - common)

    def merge(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture."""

    text: str
    box: Box


@dataclass(slots=True)
class TextReader:
    """Reads text. The networks are loaded once for the life of a worker, at the first picture: see `load`."""

    weights: Weights
    _detection: cv2.dnn.Net = field(init=False)
    _recognition: cv2.dnn.Net = field(init=False)
    _characters: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        # The workers share the cores between them.
        cv2.setNumThreads(1)
        self._characters = read_characters(self.weights.recognition)
        self._detection = cv2.dnn.readNetFromONNX(self.weights.detection)
        self._recognition = cv2.dnn.readNetFromONNX(self.weights.recognition)

    def read(self, picture: Rgb) -> list[Line]:
        """Every line of text in a picture, from top to bottom."""
        height, width = picture.shape[:2]
        lines = []
        for corners in self._find_lines(picture):
            text = self._read_line(_cut_out(picture, corners))
            if text:
                left, top = np.clip(corners.min(axis=0) / (width, height), 0, 1)
                right, bottom = np.clip(corners.max(axis=0) / (width, height), 0, 1)
                lines.append(Line(text, Box(float(left), float(top), float(right), float(bottom))))
        return sorted(lines, key=lambda line: (line.box.top, line.box.left))

    def _find_lines(self, picture: Rgb) -> list[Floats]:
        """(4, 2) float32 corners of each line in pixels, clockwise from the upper left, the largest first."""
        height, width = picture.shape[:2]
        size = _round_up(width), _round_up(height)
        self._detection.setInput(_normalise(picture, size))
        probabilities = np.asarray(self._detection.forward()[0, 0], np.float32)
        scale = np.array((width / probabilities.shape[1], height / probabilities.shape[0]), np.float32)
        # Each connected region is the core of one line.
        mask = (probabilities > _TEXT).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        found: list[tuple[float, Floats]] = []
        for contour in contours:
            rectangle = cv2.minAreaRect(contour)
            if min(rectangle[1]) < _SHORTEST_SIDE - 2 or _score(probabilities, contour) < _LEAST_BOX_SCORE:
                continue
            # The network was trained to draw lines narrower than they are, so that neighbours do not touch.
            center, (across, down), angle = rectangle
            margin = 2 * across * down * _UNCLIP / (2 * (across + down))
            across, down = across + margin, down + margin
            if min(across, down) >= _SHORTEST_SIDE:
                corners = cv2.boxPoints((center, (across, down), angle)).astype(np.float32) * scale
                found.append((across * down, _order_corners(corners)))
        # A page full of small print must not cost minutes; what matters to an audience is large.
        found.sort(key=lambda row: -row[0])
        return [corners for _, corners in found[:_MOST_LINES]]

    def _read_line(self, line: Rgb) -> str:
        """The text of a cut-out line; empty when it cannot be read."""
        height, width = line.shape[:2]
        scaled = min(max(round(_LINE_HEIGHT * width / height), _NARROWEST_LINE), _LONGEST_LINE)
        self._recognition.setInput(_normalise(line, (scaled, _LINE_HEIGHT)))
        probabilities = np.asarray(self._recognition.forward()[0], np.float32)
        if probabilities.shape[1] != len(self._characters):
            raise WeightsUnusableError("the text reader gives other characters than it names")
        return self._decode(probabilities)

    def _decode(self, probabilities: Floats) -> str:
        """(steps, characters) probabilities -> text: runs of one character are one, the first character is none."""
        # A blank stands between two equal letters, so that runs can be merged.
        best = probabilities.argmax(axis=1)
        is_new = np.concatenate(([True], best[1:] != best[:-1]))
        kept = is_new & (best != 0)
        if not kept.any() or probabilities.max(axis=1)[kept].mean() < _LEAST_CONFIDENCE:
            return ""
        return "".join(self._characters[number] for number in best[kept]).strip()


@functools.cache
def load() -> TextReader | None:
    """The reader of this process; None when the optional part is not installed.

    Raises `WeightsUnusableError` for weights of another kind.
    """
    weights = find_weights()
    if weights is None:
        return None
    return TextReader(weights)


def _round_up(pixels: int) -> int:
    return max(_GRID, -(-pixels // _GRID) * _GRID)


def _normalise(picture: Rgb, size: tuple[int, int]) -> Floats:
    """(1, 3, height, width) float32 from -1 to 1, blue first: what both networks take."""
    middle = 127.5
    return np.asarray(cv2.dnn.blobFromImage(picture, 1 / middle, size, (middle, middle, middle), swapRB=True))


def _score(probabilities: Floats, contour: NDArray[Any]) -> float:
    """Mean probability within a contour."""
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour.reshape(-1, 2) - (left, top)], 1)
    return float(cv2.mean(probabilities[top : top + height, left : left + width], mask)[0])


def _order_corners(corners: Floats) -> Floats:
    """Corners of a rectangle clockwise from the upper left."""
    by_column = corners[np.argsort(corners[:, 0])]
    left = by_column[:2][np.argsort(by_column[:2, 1])]
    right = by_column[2:][np.argsort(by_column[2:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def _cut_out(picture: Rgb, corners: Floats) -> Rgb:
    """The pixels of a line, level; one that runs from bottom to top is turned."""
    width = max(1, round(float(np.linalg.norm(corners[1] - corners[0]))))
    height = max(1, round(float(np.linalg.norm(corners[3] - corners[0]))))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    line = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    # A single tall letter is not worth reading; text that is taller than wide runs upwards.
    if height >= _UPRIGHT * width:
        line = np.rot90(line, -1)
    return np.ascontiguousarray(line, np.uint8)
