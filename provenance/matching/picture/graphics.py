"""Graphics: leader, bars, slates, test charts, logos on one colour, black and white, which everybody has.

They are drawn, not photographed and not rendered: their levels are few, large parts of them show nothing, and between
two of their colours there is an edge and no shading. A photograph has shades everywhere.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Rgb

_FLAT = 1.5
"""Gray levels of standard deviation among neighbours up to which a pixel shows nothing."""
_FLAT_SHARE = 0.6
"""Share of the picture that shows nothing, from which on it may be drawn. Of 242 photographs, 19 in 20 have less."""
_COLOURS = 8
"""Colours, of 4,096, that are counted."""
_COLOUR_SHARE = 0.6
"""Share of the picture in that many colours, from which on it may be drawn."""
_FEW_COLOURS_SHARE = 0.88
"""The same for a picture full of lines, such as a test chart. Of 242 photographs, one has as much."""
_EDGE = 30
"""Gray levels between the lightest and the darkest of a pixel's neighbours, above which there is an edge or a shade."""
_NEIGHBOURS = 9
"""Side, in pixels, of the square of neighbours."""
_SHADE_SHARE = 0.2
"""Share of shades at the edges, up to which a picture may be drawn. Of 242 photographs, 99 in 100 have more."""
_LINES_SHADE_SHARE = 0.3
"""The same for a picture full of lines, which are thin and therefore soft in a thumbnail."""
_BARE = 0.02
"""Share of the picture with any edge or shade, below which it shows nothing at all."""


def is_graphic(picture: Rgb) -> bool:
    """Whether a picture is drawn in few colours. `picture`: (height, width, 3) uint8, a thumbnail of 240 pixels."""
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(gray, (5, 5))
    variance = np.maximum(cv2.blur(gray * gray, (5, 5)) - mean * mean, 0)
    flat_share = float((variance < _FLAT * _FLAT).mean())
    colour_share = _measure_colours(picture)
    square = np.ones((_NEIGHBOURS, _NEIGHBOURS), np.uint8)
    lightest = cv2.dilate(gray, square)
    darkest = cv2.erode(gray, square)
    is_edge = lightest - darkest > _EDGE
    if is_edge.mean() < _BARE:
        return True
    height = (gray - darkest) / np.maximum(lightest - darkest, 1)
    is_shade = is_edge & (height > 0.25) & (height < 0.75)
    shade_share = float(is_shade.sum() / is_edge.sum())
    is_plain_drawing = flat_share >= _FLAT_SHARE and colour_share >= _COLOUR_SHARE and shade_share <= _SHADE_SHARE
    return is_plain_drawing or (colour_share >= _FEW_COLOURS_SHARE and shade_share <= _LINES_SHADE_SHARE)


def _measure_colours(picture: NDArray[np.uint8]) -> float:
    """Share of the picture that its most frequent colours fill."""
    shares = []
    # Noise puts a colour between two steps into both of them: with other steps it is in one.
    for shift in (0, 8):
        steps = (picture.astype(np.int64) + shift) // 16
        colours = (steps[..., 0] * 17 + steps[..., 1]) * 17 + steps[..., 2]
        counts = np.sort(np.bincount(colours.ravel()))
        shares.append(float(counts[-_COLOURS:].sum() / colours.size))
    return max(shares)
