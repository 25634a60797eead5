"""Edits that turn a known picture into what a cut shows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import moves
from benchmarks.matching.material import HIGH, WIDE, Picture, crop, resize

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_BLACK = (16, 16, 16)
_FADE = 0.3
"""Share of a shot over which it dissolves, and of a shot before and after something that comes and goes in it."""


@dataclass(frozen=True)
class Moment:
    """Place of a frame in its shot, and the other material for it."""

    time: float
    """0 for the first frame, 1 for the last."""
    number: int
    """Of the frame in the movie."""
    behind: Picture
    """The unrelated picture behind, or before in a dissolve, as large as the frame."""
    dice: NDArray[np.float64]
    """(8,) numbers drawn for the shot, 0 to 1."""


Edit = Callable[[Picture, Moment], Picture]
"""Known picture -> (HIGH, WIDE, 3) frame. The functions below that take numbers return an edit."""


def _grade(gain: float, lift: float, gamma: float, tint: tuple[float, float, float], saturation: float) -> Edit:
    def edit(picture: Picture, _: Moment) -> Picture:
        light = np.clip(resize(picture).astype(np.float32) / 255 * gain + lift, 0, 1) ** gamma
        gray = light.mean(2, keepdims=True)
        light = (gray + (light - gray) * saturation) * np.array(tint, np.float32)
        return np.asarray(np.clip(light, 0, 1) * 255, np.uint8)

    return edit


def _solarise(picture: Picture, _: Moment) -> Picture:
    return (255 - np.abs(resize(picture).astype(np.int16) * 2 - 255) * 0.92).astype(np.uint8)


def _crop_part(keep: float) -> Edit:
    return lambda picture, at: resize(crop(picture, keep, at.dice[0], at.dice[1]))


def _mirror(edit: Edit) -> Edit:
    return lambda picture, at: np.ascontiguousarray(edit(picture, at)[:, ::-1])


def _turn(degrees: float) -> Edit:
    """Rotate, and enlarge until no corner is empty."""
    turn = np.radians(degrees)
    fill = np.cos(turn) + np.sin(turn) * WIDE / HIGH

    def edit(picture: Picture, at: Moment) -> Picture:
        angle = degrees if at.dice[2] < 0.5 else -degrees
        rotation = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), angle, fill)
        return np.asarray(cv2.warpAffine(resize(picture), rotation, (WIDE, HIGH), flags=cv2.INTER_CUBIC), np.uint8)

    return edit


def _add_bars(top: int, side: int) -> Edit:
    def edit(picture: Picture, _: Moment) -> Picture:
        frame = resize(picture).copy()
        frame[:top], frame[HIGH - top :] = _BLACK, _BLACK
        frame[:, :side], frame[:, WIDE - side :] = _BLACK, _BLACK
        return frame

    return edit


def _fit_upright(picture: Picture, _: Moment) -> Picture:
    """Show 9:16 from the middle, with its own blur on both sides."""
    high = resize(picture)[:, 440:840]
    frame = np.asarray(cv2.GaussianBlur(resize(high), (0, 0), 28) * 0.8, np.uint8)
    frame[:, 440:840] = high
    return frame


def _add_text(lines: tuple[tuple[str, int, float, int], ...], plate: tuple[int, int] | None = None) -> Edit:
    def edit(picture: Picture, _: Moment) -> Picture:
        frame = resize(picture).copy()
        if plate:
            frame[plate[0] : plate[1]] = (48, 30, 24)
        for text, y, size, thick in lines:
            x = (WIDE - cv2.getTextSize(text, _FONT, size, thick)[0][0]) // 2
            cv2.putText(frame, text, (x + 3, y + 3), _FONT, size, (20, 20, 20), thick, cv2.LINE_AA)
            cv2.putText(frame, text, (x, y), _FONT, size, (240, 245, 250), thick, cv2.LINE_AA)
        return frame

    return edit


LOWER_THIRD = _add_text((("Dr. Ingrid Sandvik, oceanographer", 640, 1.6, 4),))
TITLES = _add_text(
    (("BEYOND THE TIDE", 300, 3.4, 11), ("a series in six parts", 390, 1.8, 5), ("FROM 12 OCTOBER", 640, 2.4, 7)),
    (540, 720),
)


def burn_in(picture: Picture, at: Moment) -> Picture:
    """Burn in a running timecode on a plate, and the owner's mark across the picture."""
    frame = resize(picture).copy()
    second, frames = divmod(at.number, 24)
    cv2.rectangle(frame, (460, 24), (820, 84), (0, 0, 0), -1)
    timecode = f"01:{second // 60:02d}:{second % 60:02d}:{frames:02d}"
    cv2.putText(frame, timecode, (478, 68), _FONT, 1.5, (255, 255, 255), 3, cv2.LINE_AA)
    over = frame.copy()
    cv2.putText(over, "FOR REVIEW ONLY", (170, 400), _FONT, 3.3, (255, 255, 255), 9, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(over, 0.28, frame, 0.72, 0), np.uint8)


def _add_inset(share: float) -> Edit:
    def edit(picture: Picture, at: Moment) -> Picture:
        frame, wide, high = at.behind.copy(), int(WIDE * share), int(HIGH * share)
        x, y = int(at.dice[3] * (WIDE - wide)), int(at.dice[4] * (HIGH - high))
        frame[y : y + high, x : x + wide] = resize(picture, wide, high)
        return frame

    return edit


def _come_and_go(picture: Picture, at: Moment) -> Picture:
    """Show a picture in the picture, in the middle of the shot only."""
    if _FADE <= at.time < 1 - _FADE:
        return _add_inset(0.5)(picture, at)
    return at.behind


def _show_on_screen(share: float) -> Edit:
    """Show it on a screen that the camera sees at an angle."""

    def edit(picture: Picture, at: Moment) -> Picture:
        wide, high = WIDE * share, HIGH * share
        x, y = at.dice[3] * (WIDE - wide), at.dice[4] * (HIGH - high)
        lean, tilt = (at.dice[5:7] - 0.5) * 0.34
        corners = np.array(
            (
                (x, y + high * max(lean, 0)),
                (x + wide, y + high * max(-lean, 0)),
                (x + wide * (1 - abs(tilt) * 0.3), y + high * (1 - max(-lean, 0))),
                (x + wide * abs(tilt) * 0.3, y + high * (1 - max(lean, 0))),
            ),
            np.float32,
        )
        flat = np.array(((0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)), np.float32)
        homography = cv2.getPerspectiveTransform(flat, corners)
        # Blurred before it is shrunk, so that it does not alias.
        smooth = cv2.GaussianBlur(resize(picture), (0, 0), 0.45 / share)
        screen = cv2.warpPerspective(smooth, homography, (WIDE, HIGH))
        is_screen = cv2.warpPerspective(np.full((HIGH, WIDE), 255, np.uint8), homography, (WIDE, HIGH)) > 127
        return np.where(is_screen[:, :, None], screen, at.behind).astype(np.uint8)

    return edit


def _blend(share: float) -> Edit:
    def edit(picture: Picture, at: Moment) -> Picture:
        return np.asarray(cv2.addWeighted(resize(picture), share, at.behind, 1 - share, 0), np.uint8)

    return edit


def _dissolve(picture: Picture, at: Moment) -> Picture:
    """Dissolve from the unrelated picture, over the first part of the shot."""
    return _blend(min(1.0, (at.time + 0.02) / _FADE))(picture, at)


def _push_in(picture: Picture, at: Moment) -> Picture:
    return moves.view(picture, 1 + 0.35 * at.time, at.dice[0], at.dice[1])


def _pan(picture: Picture, at: Moment) -> Picture:
    x = at.time if at.dice[2] < 0.5 else 1 - at.time
    return moves.view(picture, 1.6, x, at.dice[1])


def _rotate_slowly(picture: Picture, at: Moment) -> Picture:
    """Rotate slowly while the camera pulls out."""
    rotation = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), 8 * (at.time - 0.5), 1.35 - 0.2 * at.time)
    return np.asarray(cv2.warpAffine(resize(picture), rotation, (WIDE, HIGH), flags=cv2.INTER_LINEAR), np.uint8)


def _add_grain(strength: float, edit: Edit) -> Edit:
    return lambda picture, at: moves.add_noise(edit(picture, at), strength, at.number)


def _keep_whole(picture: Picture, _: Moment) -> Picture:
    return resize(picture)


def _chain(first: Edit, *more: Edit) -> Edit:
    def edit(picture: Picture, at: Moment) -> Picture:
        for one in (first, *more):
            picture = one(picture, at)
        return picture

    return edit


MILD = _grade(1.08, -0.03, 0.95, (0.95, 1.0, 1.05), 1.1)
STRONG = _grade(1.45, -0.2, 1.15, (0.82, 1.0, 1.18), 0.6)
NIGHT = _grade(0.4, 0.0, 1.3, (1.5, 1.0, 0.7), 0.5)

EDITS: dict[str, Edit] = {
    "as it is": _keep_whole,
    "240p and back": lambda picture, _: resize(resize(picture, 426, 240)),
    "grade, mild": MILD,
    "grade, strong": STRONG,
    "grade, night": NIGHT,
    "black and white": _grade(1.1, -0.02, 1.0, (1, 1, 1), 0),
    "solarised": _solarise,
    "negative": lambda picture, _: 255 - resize(picture),
    "crop to 80 %": _crop_part(0.8),
    "crop to 60 %": _crop_part(0.6),
    "crop to 40 %": _crop_part(0.4),
    "crop to 25 %": _crop_part(0.25),
    "mirrored": _mirror(_keep_whole),
    "mirrored, crop to 70 %": _mirror(_crop_part(0.7)),
    "turned by 4 degrees": _turn(4),
    "turned by 15 degrees": _turn(15),
    "stretched 1.33": lambda picture, _: resize(crop(resize(picture), 1, 0, 0)[:, 160:1120]),
    "matte 2.39": _add_bars(92, 0),
    "window-boxed": _add_bars(92, 200),
    "9:16 on its blur": _fit_upright,
    "lower third": LOWER_THIRD,
    "titles and a plate": TITLES,
    "burn-in": burn_in,
    "blurred": lambda picture, _: np.asarray(cv2.GaussianBlur(resize(picture), (0, 0), 4), np.uint8),
    "grain": _add_grain(20, _keep_whole),
    "blend 70 %": _blend(0.7),
    "blend 40 %": _blend(0.4),
    "dissolve": _dissolve,
    "push-in": _push_in,
    "pan": _pan,
    "turning": _rotate_slowly,
    "inset 50 %": _add_inset(0.5),
    "inset 33 %": _add_inset(0.33),
    "inset 20 %": _add_inset(0.2),
    "inset, comes and goes": _come_and_go,
    "on a screen 50 %": _show_on_screen(0.5),
    "on a screen 35 %, graded": _chain(_show_on_screen(0.35), MILD),
    "trailer": _chain(_crop_part(0.75), STRONG, LOWER_THIRD, _add_bars(92, 0)),
    "hard": _add_grain(9, _chain(_mirror(_crop_part(0.6)), STRONG, burn_in)),
}

CLIP_EDITS: dict[str, Edit] = {
    "clip, mirrored": _mirror(_keep_whole),
    "clip, crop to 60 %": _crop_part(0.6),
    "clip, strong grade": STRONG,
    "clip, burn-in": burn_in,
    "clip, inset 40 %": _add_inset(0.4),
    "clip, on a screen 50 %": _show_on_screen(0.5),
}

MOVED = _add_grain(2, lambda picture, at: moves.view(picture, 1.1 + 0.25 * at.time, at.dice[0] * at.time, at.dice[1]))
UNRELATED: dict[str, Edit] = {
    "moving": MOVED,
    "held": _keep_whole,
    "burn-in": _chain(MOVED, burn_in),
    "titles": _chain(MOVED, TITLES),
    "lower third, matte": _chain(MOVED, LOWER_THIRD, _add_bars(92, 0)),
    "strong grade": _chain(MOVED, STRONG),
}
"""How unknown pictures appear in the cut: under the same titles and mattes as known ones."""


def find_true_ends(edit: str, first: int, end: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last frame that are right as the in point of an edit in a shot, and the same for the out point."""
    length = end - first
    if edit == "dissolve":
        return (first, first + round(length * _FADE)), (end, end)
    if edit == "inset, comes and goes":
        times = np.arange(length) / (length - 1)
        visible = np.flatnonzero((times >= _FADE) & (times < 1 - _FADE)) + first
        in_point, out_point = int(visible[0]), int(visible[-1]) + 1
        return (in_point, in_point), (out_point, out_point)
    return (first, first), (end, end)
