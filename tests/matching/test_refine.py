"""A warp that is off by some pixels is moved to where the pictures agree; nothing is made to agree that does not."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.matching.picture.block_check import check_blocks, warp_back
from provenance.matching.picture.refine import refine_warp
from tests.matching.paint import Picture, make_thumbnail, paint_picture, to_gray

CORNERS = np.array([(60, 40), (250, 55), (245, 165), (55, 150)], np.float32)
"""Where a picture stands in the frame, slanted."""


def show(picture: Picture, ground: Picture) -> Picture:
    """A picture on a slanted screen before another one, as luma."""
    height, width = picture.shape[:2]
    edges = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    homography = cv2.getPerspectiveTransform(edges, CORNERS)
    out = ground.copy()
    cv2.warpPerspective(
        cv2.GaussianBlur(picture, (0, 0), 1.2), homography, (width, height), out, borderMode=cv2.BORDER_TRANSPARENT
    )
    return to_gray(out)


def place(shift: tuple[float, float]) -> NDArray[np.float64]:
    """The warp from the thumbnail to the frame, off by some pixels of the thumbnail."""
    edges = np.array([(0, 0), (240, 0), (240, 135), (0, 135)], np.float32)
    exact = np.asarray(cv2.getPerspectiveTransform(edges, CORNERS), np.float64)
    return exact @ np.array([(1, 0, shift[0]), (0, 1, shift[1]), (0, 0, 1)], np.float64)


def test_a_warp_that_is_off_is_refined() -> None:
    known = to_gray(make_thumbnail(paint_picture(1)))
    found = show(paint_picture(1), paint_picture(50))
    rough = place((4.0, -3.0))
    refined = refine_warp(known, warp_back(known, found, rough), rough)
    assert refined is not None
    assert check_blocks(known, warp_back(known, found, rough)).share < 0.6
    assert check_blocks(known, warp_back(known, found, refined)).share > 0.9


def test_an_unrelated_picture_does_not_come_to_agree() -> None:
    found = show(paint_picture(2), paint_picture(50))
    for seed in range(60, 72):
        known = to_gray(make_thumbnail(paint_picture(seed)))
        rough = place((0.0, 0.0))
        refined = refine_warp(known, warp_back(known, found, rough), rough)
        if refined is not None:
            assert check_blocks(known, warp_back(known, found, refined)).share < 0.2


def test_what_lies_outside_is_not_refined() -> None:
    known = to_gray(make_thumbnail(paint_picture(1)))
    rough = np.array([(1, 0, 5000), (0, 1, 5000), (0, 0, 1)], np.float64)
    assert refine_warp(known, warp_back(known, show(paint_picture(1), paint_picture(50)), rough), rough) is None
