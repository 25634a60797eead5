"""Edits under which a known picture is hard to find again: small, covered, drawn over, aged, a part of another picture.

Each is what an editor, a compositor or a camera in front of a screen does, not noise made up to defeat a search.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import moves
from benchmarks.matching.edits import MILD, NIGHT, Edit, Moment
from benchmarks.matching.material import HIGH, WIDE, Picture, crop, resize

_SERIF = cv2.FONT_HERSHEY_TRIPLEX
_WIDE_FRAME = np.array(((0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)), np.float32)
"""Corners of a frame, from the top left on."""

Alpha = NDArray[np.float32]
"""(HIGH, WIDE, 1) float32, 0 to 1: how much of the picture in front is seen."""


def _mix(front: Picture, behind: Picture, alpha: Alpha) -> Picture:
    return np.asarray(np.clip(front * alpha + behind * (1 - alpha), 0, 255), np.uint8)


def _soften(mask: NDArray[np.uint8], sigma: float) -> Alpha:
    """A mask of 0 and 255 with a soft edge, as alpha."""
    if sigma:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.uint8)
    alpha: Alpha = mask.astype(np.float32)[:, :, None] / np.float32(255)
    return alpha


def _choose_place(at: Moment, wide: int, high: int) -> tuple[int, int]:
    """Left and top of something so large in the frame, with a margin."""
    return 20 + int(at.dice[3] * (WIDE - wide - 40)), 20 + int(at.dice[4] * (HIGH - high - 40))


# Small, in another picture.


def _add_inset(share: float, border: int = 0) -> Edit:
    """Picture in picture, `share` of the frame wide, with a white border where given."""

    def edit(picture: Picture, at: Moment) -> Picture:
        wide, high = round(WIDE * share), round(HIGH * share)
        x, y = _choose_place(at, wide, high)
        frame = at.behind.copy()
        if border:
            shadow = np.zeros((HIGH, WIDE), np.uint8)
            cv2.rectangle(shadow, (x + 6, y + 8), (x + wide + 12, y + high + 14), 150, -1)
            frame = _mix(np.zeros_like(frame), frame, _soften(shadow, 8))
            cv2.rectangle(frame, (x - border, y - border), (x + wide + border, y + high + border), (238, 240, 240), -1)
        frame[y : y + high, x : x + wide] = resize(picture, wide, high)
        return frame

    return edit


def _show_in_video_wall(picture: Picture, at: Moment) -> Picture:
    """Show it on one of nine screens, other pictures on the others."""
    wide, high = WIDE // 3, HIGH // 3
    chosen = int(at.dice[3] * 9)
    frame = np.full((HIGH, WIDE, 3), 12, np.uint8)
    for number in range(9):
        row, column = divmod(number, 3)
        shown = picture if number == chosen else crop(at.behind, 0.5, column / 2, row / 2)
        frame[row * high + 4 : (row + 1) * high - 4, column * wide + 4 : (column + 1) * wide - 4] = resize(
            shown, wide - 8, high - 8
        )
    return frame


def _project(picture: Picture, at: Moment, share: float, turn: float, lean: float) -> tuple[Picture, Alpha]:
    """The picture on a plane in space: what of it is seen, and where. `turn` in degrees, `lean` as a share."""
    wide, high = WIDE * share, HIGH * share
    corners = np.array(((-wide, -high), (wide, -high), (wide, high), (-wide, high))) / 2
    corners[1:3] *= 1 - lean
    angle = np.radians(turn)
    rotation = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    corners = corners @ rotation.T
    reach = np.abs(corners).max(0) + 16
    centre = reach + (np.array((WIDE, HIGH)) - 2 * reach) * at.dice[3:5]
    homography = cv2.getPerspectiveTransform(_WIDE_FRAME, (corners + centre).astype(np.float32))
    smooth = cv2.GaussianBlur(resize(picture), (0, 0), 0.45 / share)
    screen = np.asarray(cv2.warpPerspective(smooth, homography, (WIDE, HIGH)), np.uint8)
    mask = np.asarray(cv2.warpPerspective(np.full((HIGH, WIDE), 255, np.uint8), homography, (WIDE, HIGH)), np.uint8)
    return screen, _soften(mask, 0.7)


def _show_on_monitor(picture: Picture, at: Moment) -> Picture:
    """Film it on a monitor: at an angle, dim, scanned in lines, with a lamp and a window reflected in the glass."""
    screen, alpha = _project(picture, at, 0.46, (at.dice[2] - 0.5) * 6, 0.16 * at.dice[5])
    light = screen.astype(np.float32) * 0.7 + 18
    light[::3] *= 0.86
    reflected = cv2.GaussianBlur(crop(at.behind[:, ::-1], 0.6, at.dice[6], at.dice[7]), (0, 0), 3)
    light += resize(np.asarray(reflected, np.uint8)).astype(np.float32) * 0.32
    glare = np.zeros((HIGH, WIDE), np.float32)
    cv2.ellipse(glare, (int(at.dice[6] * WIDE), int(at.dice[7] * HIGH)), (190, 60), 25, 0, 360, 1, -1)
    light += cv2.GaussianBlur(glare, (0, 0), 30)[:, :, None] * 110
    bezel = np.asarray(cv2.dilate(alpha, np.ones((25, 25), np.uint8)), np.float32)[:, :, None]
    room = _mix(np.full_like(at.behind, 26), at.behind, bezel)
    return _mix(np.clip(light, 0, 255).astype(np.uint8), room, alpha)


def _show_on_phone(picture: Picture, at: Moment) -> Picture:
    """Show it on a telephone in a hand: small, tilted, trembling."""
    tremble = 2.5 * np.sin(at.number / 4)
    screen, alpha = _project(picture, at, 0.28, 17 + tremble, 0.1)
    case = np.asarray(cv2.dilate(alpha, np.ones((17, 17), np.uint8)), np.float32)[:, :, None]
    return _mix(screen, _mix(np.full_like(at.behind, 20), at.behind, case), alpha)


def _project_on_wall(picture: Picture, at: Moment) -> Picture:
    """Project it on a wall: the light is added to a texture, black is no darker than the wall."""
    screen, alpha = _project(picture, at, 0.72, 0, 0.12)
    wall = 78 + 7 * _make_grain(5, 1.6)
    lit = wall * (0.5 + screen.astype(np.float32) * alpha * (1.7 / 255))
    return np.clip(lit, 0, 255).astype(np.uint8)


def _make_grain(seed: int, sigma: float) -> NDArray[np.float32]:
    """(HIGH, WIDE, 1): smooth noise of deviation 1."""
    noise = np.random.default_rng(seed).standard_normal((HIGH, WIDE)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)
    grain: NDArray[np.float32] = noise[:, :, None] / noise.std()
    return grain


# Covered.


def _cover(draw_mask: Callable[[Moment], NDArray[np.uint8]]) -> Edit:
    """Look at it through something: `draw_mask` draws what is in front, 255 on a (HIGH, WIDE) mask of 0."""

    def edit(picture: Picture, at: Moment) -> Picture:
        mask = draw_mask(at)
        metal = np.clip(48 + 14 * _make_grain(3, 2.2) + np.zeros(3, np.float32), 0, 255).astype(np.uint8)
        return _mix(metal, resize(picture), _soften(mask, 1.6))

    return edit


def _draw_window_bars(at: Moment) -> NDArray[np.uint8]:
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for x in range(int(at.dice[3] * 120), WIDE, 150):
        cv2.rectangle(mask, (x, 0), (x + 52, HIGH), 255, -1)
    cv2.rectangle(mask, (0, 330), (WIDE, 372), 255, -1)
    return mask


def _draw_fence(at: Moment) -> NDArray[np.uint8]:
    """Wire mesh, diagonally."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for x in range(int(at.dice[3] * 64) - HIGH, WIDE + HIGH, 64):
        cv2.line(mask, (x, 0), (x + HIGH, HIGH), 255, 9, cv2.LINE_AA)
        cv2.line(mask, (x, 0), (x - HIGH, HIGH), 255, 9, cv2.LINE_AA)
    return mask


def _draw_blinds(at: Moment) -> NDArray[np.uint8]:
    mask = np.zeros((HIGH, WIDE), np.uint8)
    for y in range(int(at.dice[3] * 40), HIGH, 60):
        cv2.rectangle(mask, (0, y), (WIDE, y + 26), 255, -1)
    return mask


def _add_silhouettes(picture: Picture, at: Moment) -> Picture:
    """People in front: two dark figures that walk through."""
    frame = resize(picture).copy()
    for number, colour in enumerate(((22, 18, 16), (30, 26, 34))):
        x = int((at.dice[3 + number] + at.time * 0.15) % 1 * WIDE)
        cv2.circle(frame, (x, 240), 84, colour, -1, cv2.LINE_AA)
        cv2.ellipse(frame, (x, 700), (190, 380), 0, 180, 360, colour, -1, cv2.LINE_AA)
    return frame


def _blur_under_titles(picture: Picture, _: Moment) -> Picture:
    """A background for titles: out of focus and darkened, the title sharp."""
    frame = np.asarray(cv2.GaussianBlur(resize(picture), (0, 0), 9) * 0.72, np.uint8)
    cv2.putText(frame, "CHAPTER THREE", (190, 330), _SERIF, 3.1, (236, 240, 244), 8, cv2.LINE_AA)
    cv2.putText(frame, "what the river kept", (330, 430), _SERIF, 1.7, (236, 240, 244), 3, cv2.LINE_AA)
    return frame


def _roll_credits(picture: Picture, at: Moment) -> Picture:
    """Credits that roll over a slightly blurred, darkened picture."""
    frame = np.asarray(cv2.GaussianBlur(resize(picture), (0, 0), 3) * 0.5, np.uint8)
    for number in range(16):
        y = int(760 + number * 66 - at.time * 150 - at.dice[3] * 300)
        cv2.putText(frame, _CREDITS[number % len(_CREDITS)], (330, y), _SERIF, 1.3, (230, 230, 230), 2, cv2.LINE_AA)
    return frame


_CREDITS = ("Gaffer   Maria Oduya", "Key grip   Jon Halvorsen", "Best boy   Ana Lima", "Foley   P. Strand", "Catering")


def _add_graphics(picture: Picture, at: Moment) -> Picture:
    """News: a ticker, a chart on a plate over a third of the picture, a bug."""
    frame = resize(picture).copy()
    frame[610:690] = (120, 30, 24)
    cv2.putText(frame, "Council to decide on harbour plan", (40, 664), _SERIF, 1.5, (255, 255, 255), 3, cv2.LINE_AA)
    x = 40 if at.dice[3] < 0.5 else 790
    frame[70:560, x : x + 450] = (228, 224, 216)
    for number in range(6):
        top = 500 - int(330 * at.dice[number])
        cv2.rectangle(frame, (x + 40 + number * 65, top), (x + 84 + number * 65, 520), (150, 90, 40), -1)
    return frame


def _add_rain(picture: Picture, at: Moment) -> Picture:
    """Rain in front, bright streaks that fall."""
    frame = resize(picture).copy()
    random = np.random.default_rng(at.number)
    over = frame.copy()
    for x, y, length in random.random((260, 3)):
        start = (int(x * WIDE), int(y * HIGH))
        cv2.line(over, start, (start[0] - 6, start[1] + 20 + int(length * 50)), (225, 228, 230), 2, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(over, 0.6, frame, 0.4, 0), np.uint8)


# Other colours, lines, ages.


def _invert(picture: Picture, _: Moment) -> Picture:
    return np.asarray(255 - resize(picture), np.uint8)


def _invert_crop(picture: Picture, at: Moment) -> Picture:
    """A part of the negative, mirrored."""
    return np.ascontiguousarray(255 - resize(crop(picture, 0.6, at.dice[0], at.dice[1]))[:, ::-1])


def _invert_film(picture: Picture, _: Moment) -> Picture:
    """The negative of a film scan: an orange base, little contrast."""
    light = 1 - resize(picture).astype(np.float32) / 255
    return np.clip((light**1.5 * 0.62 + 0.2) * (105, 160, 225), 0, 255).astype(np.uint8)


def _sketch(picture: Picture, _: Moment) -> Picture:
    """A pencil sketch: what is darker than its surroundings is drawn, on white paper."""
    gray = cv2.cvtColor(resize(picture), cv2.COLOR_BGR2GRAY)
    inverse = np.asarray(cv2.GaussianBlur(255 - gray, (0, 0), 9), np.float32)
    drawn = np.clip(gray.astype(np.float32) * 255 / np.maximum(255 - inverse, 1), 0, 255)
    return np.repeat(drawn[:, :, None], 3, 2).astype(np.uint8)


def _trace_lines(picture: Picture, _: Moment) -> Picture:
    """A line drawing in ink: black contours on white, nothing between."""
    gray = cv2.GaussianBlur(cv2.cvtColor(resize(picture), cv2.COLOR_BGR2GRAY), (0, 0), 1.8)
    lines = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 13, 5)
    return np.repeat(np.asarray(lines, np.uint8)[:, :, None], 3, 2)


def _glow_edges(picture: Picture, _: Moment) -> Picture:
    """Glowing edges on black, as of a scanner in a story."""
    gray = cv2.GaussianBlur(cv2.cvtColor(resize(picture), cv2.COLOR_BGR2GRAY), (0, 0), 1.5).astype(np.float32)
    strength = np.hypot(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1))
    return np.clip(strength[:, :, None] * (1.6, 1.9, 0.5), 0, 255).astype(np.uint8)


def _colour_by_heat(picture: Picture, _: Moment) -> Picture:
    """A thermal camera: levels become colours."""
    gray = cv2.GaussianBlur(cv2.cvtColor(resize(picture), cv2.COLOR_BGR2GRAY), (0, 0), 2)
    return np.asarray(cv2.applyColorMap(np.asarray(gray, np.uint8), cv2.COLORMAP_JET), np.uint8)


def _print_as_poster(picture: Picture, _: Moment) -> Picture:
    """Four flat levels in two inks."""
    gray = cv2.GaussianBlur(cv2.cvtColor(resize(picture), cv2.COLOR_BGR2GRAY), (0, 0), 1.5)
    level = (np.asarray(cv2.equalizeHist(np.asarray(gray, np.uint8))) // 64).astype(np.float32)[:, :, None] / 3
    return (level * (190, 225, 240) + (1 - level) * (60, 20, 110)).astype(np.uint8)


def _age(picture: Picture, at: Moment) -> Picture:
    """An archive print: sepia, faded, weaving, with dust, scratches, flicker and dark corners."""
    random = np.random.default_rng(at.number)
    weave = np.array(((1, 0, random.normal(0, 1.5)), (0, 1, random.normal(0, 1.5))))
    light = cv2.cvtColor(cv2.GaussianBlur(resize(picture), (0, 0), 1.2), cv2.COLOR_BGR2GRAY)
    light = cv2.warpAffine(light, weave, (WIDE, HIGH), borderMode=cv2.BORDER_REFLECT)
    gray = np.asarray(light, np.float32) * (0.66 + 0.06 * random.random()) + 44
    x, y = np.meshgrid(np.linspace(-1, 1, WIDE), np.linspace(-1, 1, HIGH))
    gray *= 1 - 0.45 * np.clip((x * x + y * y) / 2, 0, 1)
    for across in (at.dice[3] * WIDE, at.dice[4] * WIDE, random.random() * WIDE):
        cv2.line(gray, (int(across), 0), (int(across + 8), HIGH), float(random.integers(190, 250)), 2, cv2.LINE_AA)
    for place in random.random((45, 3)):
        spot = (int(place[0] * WIDE), int(place[1] * HIGH))
        cv2.circle(gray, spot, 1 + int(place[2] * 7), float(25 if place[2] < 0.6 else 235), -1)
    tinted = gray[:, :, None] * (0.72, 0.92, 1.08)
    return moves.add_noise(np.clip(tinted, 0, 255).astype(np.uint8), 9, at.number)


def _play_tape(picture: Picture, at: Moment) -> Picture:
    """A worn video tape: 240 lines, colours that bleed, lines that tear, noise."""
    small = cv2.cvtColor(resize(picture, 400, 240), cv2.COLOR_BGR2YCrCb)
    for channel in (1, 2):
        small[:, :, channel] = cv2.GaussianBlur(small[:, :, channel], (0, 0), 6, sigmaY=1)
    frame = resize(np.asarray(cv2.cvtColor(small, cv2.COLOR_YCrCb2BGR), np.uint8))
    random = np.random.default_rng(at.number)
    shifts = np.round(random.normal(0, 1.2, HIGH // 3)).astype(int).repeat(3)
    top = int((at.dice[3] + at.time * 0.4) % 1 * (HIGH - 60))
    shifts[top : top + 40] += 24
    frame = np.stack([np.roll(line, shift, 0) for line, shift in zip(frame, shifts, strict=True)])
    return moves.add_noise(frame, 12, at.number)


def _film_at_night(picture: Picture, at: Moment) -> Picture:
    """Nearly dark, with the noise of a camera that was turned up."""
    return moves.add_noise(NIGHT(MILD(picture, at), at), 16, at.number)


# Turned, bent, torn.


def _turn(degrees: float) -> Edit:
    """Turned, and as large as fits into the frame with black around."""
    angle = np.radians(degrees)
    wide = WIDE * abs(np.cos(angle)) + HIGH * abs(np.sin(angle))
    high = WIDE * abs(np.sin(angle)) + HIGH * abs(np.cos(angle))
    # The corners are cut off: between what fits in whole and what fills the frame.
    scale = min(WIDE / wide, HIGH / high) * 1.15
    rotation = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), degrees, scale)

    def edit(picture: Picture, _: Moment) -> Picture:
        return np.asarray(cv2.warpAffine(resize(picture), rotation, (WIDE, HIGH), flags=cv2.INTER_LINEAR), np.uint8)

    return edit


def _spin(picture: Picture, at: Moment) -> Picture:
    """Spin, two degrees a frame."""
    return _turn(at.dice[3] * 360 + at.number * 2)(picture, at)


def _bend(picture: Picture, _: Moment) -> Picture:
    """A fisheye lens."""
    x, y = np.meshgrid(np.linspace(-1, 1, WIDE, dtype=np.float32), np.linspace(-1, 1, HIGH, dtype=np.float32))
    growth = 0.72 + 0.34 * (x * x + y * y) / 2
    across, down = (x * growth + 1) / 2 * (WIDE - 1), (y * growth + 1) / 2 * (HIGH - 1)
    return np.asarray(cv2.remap(resize(picture), across, down, cv2.INTER_LINEAR), np.uint8)


def _mirror_in_water(picture: Picture, at: Moment) -> Picture:
    """Its reflection in water, upside down, under the picture of something else."""
    x, y = np.meshgrid(np.arange(WIDE, dtype=np.float32), np.arange(HIGH, dtype=np.float32))
    across = x + 3.5 * np.sin(y / 11 + at.number / 3) + 2 * np.sin(x / 31)
    water = cv2.remap(resize(picture)[::-1], across, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    frame = at.behind.copy()
    frame[HIGH // 3 :] = np.asarray(water * 0.78 + 14, np.uint8)[: HIGH - HIGH // 3]
    return frame


def _smear(picture: Picture, _: Moment) -> Picture:
    """The blur of a fast movement sideways."""
    return np.asarray(cv2.blur(resize(picture), (25, 1)), np.uint8)


# A part of another picture.


def _draw_blob(at: Moment, wide: float, high: float) -> NDArray[np.uint8]:
    """An irregular outline around the middle of the frame, so wide and high as a share of it."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    wobble = 1 + 0.14 * np.sin(3 * angles + at.dice[5] * 6) + 0.09 * np.sin(7 * angles + at.dice[6] * 6)
    points = np.column_stack((np.cos(angles) * wide * WIDE / 2, np.sin(angles) * high * HIGH / 2)) * wobble[:, None]
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.fillPoly(mask, [(points + np.array((WIDE, HIGH)) / 2).astype(np.int32)], 255, cv2.LINE_AA)
    return mask


def _place(layer: NDArray[np.uint8], scale: float, x: float, y: float) -> NDArray[np.uint8]:
    """A frame-sized layer shrunk around the middle, which moves to (x, y) of the frame."""
    affine = np.array(((scale, 0, x * WIDE - scale * WIDE / 2), (0, scale, y * HIGH - scale * HIGH / 2)))
    smooth = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.45 / scale), np.uint8)
    return np.asarray(cv2.warpAffine(smooth, affine, (WIDE, HIGH)), np.uint8)


def _cut_out(picture: Picture, at: Moment) -> Picture:
    """An element cut out of it with a clean edge, smaller, before another picture; it drifts."""
    x, y = 0.3 + 0.4 * at.dice[3] + 0.03 * at.time, 0.35 + 0.3 * at.dice[4]
    mask = _place(_draw_blob(at, 0.42, 0.74), 0.7, x, y)
    return _mix(_place(resize(picture), 0.7, x, y), at.behind, _soften(mask, 1))


def _patch_face(picture: Picture, at: Moment) -> Picture:
    """A small part of it with a soft edge, laid over another picture, as a face is replaced."""
    x, y = 0.3 + 0.4 * at.dice[3], 0.3 + 0.4 * at.dice[4]
    mask = _place(_draw_blob(at, 0.2, 0.42), 0.9, x, y)
    return _mix(_place(MILD(picture, at), 0.9, x, y), at.behind, _soften(mask, 7))


def _replace_sky(picture: Picture, at: Moment) -> Picture:
    """Its upper part behind the skyline of another picture."""
    ridge = np.interp(np.arange(WIDE), np.linspace(0, WIDE, 12), 0.36 + 0.16 * np.resize(at.dice, 12)) * HIGH
    mask = np.where(np.arange(HIGH)[:, None] < ridge[None], 255, 0).astype(np.uint8)
    return _mix(MILD(picture, at), at.behind, _soften(mask, 2.5))


def _paint_matte(picture: Picture, at: Moment) -> Picture:
    """A matte painting: all of it but a window in the middle, where the action was filmed."""
    mask = 255 - _draw_blob(at, 0.5, 0.62)
    return moves.add_noise(_mix(MILD(picture, at), at.behind, _soften(mask, 5)), 4, at.number)


def _tile(picture: Picture, at: Moment) -> Picture:
    """A wallpaper or texture of it, repeated three times across, with a thing in front."""
    # A little more than a third: nine of them cover the frame.
    small = resize(picture, WIDE // 3 + 1, HIGH // 3 + 1)
    frame = np.ascontiguousarray(np.tile(small, (3, 3, 1))[:HIGH, :WIDE])
    return _mix(at.behind, frame, _soften(_draw_blob(at, 0.3, 0.5), 1))


def _split_screen(picture: Picture, at: Moment) -> Picture:
    """Two halves side by side: the middle of it, and of another."""
    frame = at.behind.copy()
    left = 0 if at.dice[3] < 0.5 else WIDE // 2
    frame[:, left : left + WIDE // 2] = resize(picture)[:, WIDE // 4 : WIDE // 4 + WIDE // 2]
    return frame


def _blend(share: float) -> Edit:
    """Doubly exposed with a picture that moves."""

    def edit(picture: Picture, at: Moment) -> Picture:
        other = moves.view(at.behind, 1.3, at.time, at.dice[1])
        return np.asarray(cv2.addWeighted(resize(picture), share, other, 1 - share, 0), np.uint8)

    return edit


# Here and gone.


def _alternate(picture: Picture, at: Moment) -> Picture:
    """It on every second frame, another picture on the others."""
    return at.behind if at.number % 2 else resize(picture)


def _strobe(picture: Picture, at: Moment) -> Picture:
    """It for three frames, black for three, as in a strobe light."""
    return np.full_like(at.behind, 8) if at.number % 6 >= 3 else resize(picture)


def _flicker(picture: Picture, at: Moment) -> Picture:
    """A bulb that fails: bright and nearly dark in turn, at random."""
    light = np.random.default_rng(at.number).choice((0.22, 0.6, 1.0, 1.25))
    return np.asarray(np.clip(resize(picture).astype(np.float32) * light, 0, 255), np.uint8)


HARD_EDITS: dict[str, Edit] = {
    "inset 26 %, border and shadow": _add_inset(0.26, 5),
    "inset 22 %": _add_inset(0.22),
    "inset 18 %": _add_inset(0.18),
    "inset 15 %": _add_inset(0.15),
    "one of nine screens": _show_in_video_wall,
    "monitor with reflections": _show_on_monitor,
    "telephone in a hand": _show_on_phone,
    "projected on a wall": _project_on_wall,
    "through window bars": _cover(_draw_window_bars),
    "through a fence": _cover(_draw_fence),
    "through blinds": _cover(_draw_blinds),
    "behind silhouettes": _add_silhouettes,
    "in rain": _add_rain,
    "blurred under titles": _blur_under_titles,
    "credits roll over it": _roll_credits,
    "news graphics": _add_graphics,
    "negative": _invert,
    "negative, mirrored, a part": _invert_crop,
    "film negative": _invert_film,
    "pencil sketch": _sketch,
    "line drawing": _trace_lines,
    "glowing edges": _glow_edges,
    "thermal colours": _colour_by_heat,
    "poster of four levels": _print_as_poster,
    "aged print": _age,
    "worn tape": _play_tape,
    "at night, noisy": _film_at_night,
    "turned by 25 degrees": _turn(25),
    "turned by 45 degrees": _turn(45),
    "turned by 90 degrees": _turn(90),
    "turned by 137 degrees": _turn(137),
    "turned by 180 degrees": _turn(180),
    "spinning": _spin,
    "fisheye": _bend,
    "reflected in water": _mirror_in_water,
    "smeared": _smear,
    "cut-out element": _cut_out,
    "face patch": _patch_face,
    "sky": _replace_sky,
    "matte painting": _paint_matte,
    "tiled": _tile,
    "split screen": _split_screen,
    "blend 50 %, the other moves": _blend(0.5),
    "blend 35 %, the other moves": _blend(0.35),
    "every second frame": _alternate,
    "strobe": _strobe,
    "flickering light": _flicker,
}

MOVING = frozenset(
    {
        "telephone in a hand", "behind silhouettes", "in rain", "credits roll over it", "aged print", "worn tape",
        "at night, noisy", "spinning", "reflected in water", "cut-out element", "matte painting",
        "blend 50 %, the other moves", "blend 35 %, the other moves", "every second frame", "strobe",
        "flickering light",
    }
)  # fmt: skip
"""Edits that differ from frame to frame: of all others one frame is held."""
