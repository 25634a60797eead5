"""Parts of a picture in another one, as a compositor puts them there, and prints that have aged."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.edits import Edit, Moment
from benchmarks.matching.material import HIGH, WIDE, Picture, resize

Mask = NDArray[np.float32]
"""(height, width) float32, 0 to 1: how much of the known picture is seen."""


def _lay(picture: Picture, mask: Mask, at: Moment, affine: NDArray[np.float64] | None = None) -> Picture:
    """Lay a part of the known picture over the one behind, at its own place or at another."""
    over = resize(picture).astype(np.float32)
    if affine is not None:
        flags = cv2.INTER_AREA
        over = cv2.warpAffine(over, affine, (WIDE, HIGH), flags=flags).astype(np.float32)
        mask = cv2.warpAffine(mask, affine, (WIDE, HIGH), flags=flags).astype(np.float32)
    share = mask[:, :, None]
    return np.asarray(over * share + at.behind * (1 - share), np.uint8)


def _soften(mask: NDArray[np.uint8], width: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), width), np.float32)


def _draw_form(at: Moment, size: float) -> NDArray[np.uint8]:
    """A ragged closed form somewhere in the middle, `size` times as high as the frame."""
    dice = np.random.default_rng(int(at.dice[0] * 1e6))
    centre = np.array((WIDE * (0.3 + 0.4 * at.dice[1]), HIGH * (0.4 + 0.2 * at.dice[2])))
    around = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = HIGH * size / 2 * dice.uniform(0.7, 1.0, 24)
    corners = centre + np.column_stack((np.cos(around) * 1.2, np.sin(around))) * reach[:, None]
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.fillPoly(mask, [corners.astype(np.int32)], 255, cv2.LINE_AA)
    return mask


def cut_out(picture: Picture, at: Moment) -> Picture:
    """An element, cut out, smaller or larger, somewhere else."""
    mask = _soften(_draw_form(at, 0.75), 1.5)
    scale = 0.6 + 0.6 * at.dice[3]
    x, y = WIDE * (0.5 - scale / 2), HIGH * (0.5 - scale / 2)
    affine = np.array([[scale, 0, x + 120 * (at.dice[4] - 0.5)], [0, scale, y + 80 * (at.dice[5] - 0.5)]])
    return _lay(picture, mask, at, affine)


def replace_sky(picture: Picture, at: Moment) -> Picture:
    """The upper part of the picture behind becomes that of the known one, under a horizon that is not straight."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    dice = np.random.default_rng(int(at.dice[0] * 1e6))
    heights = HIGH * (0.4 + 0.2 * at.dice[1]) + dice.uniform(-50, 50, 12)
    line = np.column_stack((np.linspace(0, WIDE, 12), heights))
    cv2.fillPoly(mask, [np.vstack((line, ((WIDE, 0), (0, 0)))).astype(np.int32)], 255)
    return _lay(picture, _soften(mask, 4), at)


def paint_matte(picture: Picture, at: Moment) -> Picture:
    """The known picture far behind what stands in the foreground."""
    mask = np.full((HIGH, WIDE), 255, np.uint8)
    dice = np.random.default_rng(int(at.dice[0] * 1e6))
    heights = HIGH * (0.55 + 0.2 * at.dice[1]) + dice.uniform(-90, 90, 9)
    line = np.column_stack((np.linspace(0, WIDE, 9), heights))
    cv2.fillPoly(mask, [np.vstack((line, ((WIDE, HIGH), (0, HIGH)))).astype(np.int32)], 0)
    return _lay(picture, _soften(mask, 2), at)


def patch_face(picture: Picture, at: Moment) -> Picture:
    """An oval of the known picture, blended into the one behind with its brightness."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    centre = (int(WIDE * (0.3 + 0.4 * at.dice[1])), int(HIGH * (0.35 + 0.3 * at.dice[2])))
    cv2.ellipse(mask, centre, (130, 170), 0, 0, 360, 255, -1)
    soft = _soften(mask, 14)
    inside = mask > 0
    known = resize(picture).astype(np.float32)
    shift = at.behind[inside].mean(0) - known[inside].mean(0)
    toned = np.clip(known + 0.5 * shift, 0, 255).astype(np.uint8)
    return _lay(toned, soft, at)


def map_texture(picture: Picture, at: Moment) -> Picture:
    """The known picture as the surface of something that stands at an angle and is lit from one side."""
    left, right = WIDE * 0.25 * at.dice[1], WIDE * (0.75 + 0.2 * at.dice[2])
    lean = HIGH * 0.12 * (at.dice[3] - 0.5)
    corners = np.array(
        (
            (left, HIGH * 0.2 + lean),
            (right, HIGH * 0.2 - lean),
            (right, HIGH * 0.85 + lean),
            (left, HIGH * 0.85 - lean),
        ),
        np.float32,
    )
    flat = np.array(((0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)), np.float32)
    homography = cv2.getPerspectiveTransform(flat, corners)
    over = cv2.warpPerspective(resize(picture), homography, (WIDE, HIGH), flags=cv2.INTER_AREA).astype(np.float32)
    mask = np.asarray(cv2.warpPerspective(np.full((HIGH, WIDE), 255, np.uint8), homography, (WIDE, HIGH)), np.uint8)
    # Things stand before it on one side.
    mask[:, : int(left + (right - left) * 0.35)] = 0
    light = np.linspace(0.55, 1.1, WIDE, dtype=np.float32)[None, :, None]
    share = _soften(mask, 1)[:, :, None]
    return np.asarray(np.clip(over * light, 0, 255) * share + at.behind * (1 - share), np.uint8)


def age(picture: Picture, at: Moment) -> Picture:
    """A print that has aged: sepia, grain, flicker, dust and scratches, another in every frame."""
    dice = np.random.default_rng(at.number)
    frame = resize(picture).astype(np.float32)
    gray = frame @ np.array((0.114, 0.587, 0.299), np.float32)
    gray = 20 + 0.8 * gray * dice.uniform(0.93, 1.07)
    out = gray[:, :, None] * np.array((0.72, 0.9, 1.06), np.float32)
    for _ in range(int(dice.integers(4, 9))):
        x = int(dice.integers(WIDE))
        top, length = int(dice.integers(-HIGH // 2, HIGH // 2)), int(dice.integers(HIGH // 3, HIGH))
        level = float(dice.choice((20, 235)))
        cv2.line(out, (x, top), (x + int(dice.integers(-6, 7)), top + length), (level,) * 3, int(dice.integers(1, 4)))
    for _ in range(int(dice.integers(40, 90))):
        spot = (int(dice.integers(WIDE)), int(dice.integers(HIGH)))
        axes = (int(dice.integers(1, 12)), int(dice.integers(1, 5)))
        level = float(dice.choice((15, 240)))
        cv2.ellipse(out, spot, axes, float(dice.integers(180)), 0, 360, (level,) * 3, -1)
    out += dice.normal(0, 12, (HIGH, WIDE, 1)).astype(np.float32)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


PARTS: dict[str, Edit] = {
    "cut-out element": cut_out,
    "sky": replace_sky,
    "matte painting": paint_matte,
    "face patch": patch_face,
    "texture": map_texture,
    "aged print": age,
}
