"""What everybody has: leader, bars, slates, charts, logos; titles, burn-ins and a graphics package over pictures."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.matching.material import HIGH, RATE, WIDE, Picture

_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
_WORDS = (
    ("THE SILENT HARBOUR", "A STORY OF THE SEA"),
    ("LATE HARVEST", "THE OTHER SHORE"),
    ("SEASON TWO", "ALL THE LIVES THERE"),
)
_WHITE = (245, 245, 245)


def add_title(picture: Picture, number: int, words: int) -> Picture:
    """Large words over a picture, in the typeface and the place of this number."""
    frame = picture.copy()
    font = _FONTS[number % len(_FONTS)]
    for line, text in enumerate(_WORDS[words]):
        size = 3.0 - line
        x = 80 + 40 * (number % 3)
        y = 330 + 60 * (number % 4) + 110 * line
        cv2.putText(frame, text, (x + 3, y + 3), font, size, (10, 10, 10), 8 - 2 * line, cv2.LINE_AA)
        cv2.putText(frame, text, (x, y), font, size, _WHITE, 8 - 2 * line, cv2.LINE_AA)
    return frame


def burn_in(picture: Picture, number: int) -> Picture:
    """A screener's burn-in: owner, warning, and a timecode that runs."""
    frame = picture.copy()
    second, frames = divmod(number, RATE)
    cv2.putText(frame, f"01:00:{second % 60:02d}:{frames:02d}", (60, 690), _FONTS[0], 1.6, _WHITE, 3, cv2.LINE_AA)
    cv2.putText(frame, "PROPERTY OF NORTHLIGHT PICTURES", (180, 70), _FONTS[1], 1.7, _WHITE, 4, cv2.LINE_AA)
    cv2.putText(frame, "DO NOT DUPLICATE", (700, 690), _FONTS[0], 1.6, _WHITE, 3, cv2.LINE_AA)
    over = frame.copy()
    cv2.putText(over, "SCREENER 0417", (150, 400), _FONTS[1], 4, _WHITE, 9, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(over, 0.4, frame, 0.6, 0), np.uint8)


def add_graphics(picture: Picture, number: int) -> Picture:
    """A channel's graphics package: a lower third with its ornament, a bug, a strip."""
    frame = picture.copy()
    cv2.rectangle(frame, (60, 540), (900, 650), (120, 40, 20), -1)
    cv2.rectangle(frame, (60, 540), (76, 650), (30, 160, 240), -1)
    for step in range(12):
        cv2.circle(frame, (800 + step * 14, 595), 6 + step % 4 * 5, (200, 150, 60 + step * 10), 2, cv2.LINE_AA)
    cv2.putText(frame, f"Guest number {number}", (100, 590), _FONTS[1], 1.4, _WHITE, 3, cv2.LINE_AA)
    cv2.putText(frame, "NORTHLIGHT TONIGHT", (100, 636), _FONTS[0], 1.0, (60, 200, 250), 2, cv2.LINE_AA)
    cv2.circle(frame, (1180, 80), 46, (40, 170, 250), -1, cv2.LINE_AA)
    cv2.putText(frame, "NL1", (1146, 94), _FONTS[1], 1.2, (20, 20, 60), 3, cv2.LINE_AA)
    return frame


def _ground(level: int) -> Picture:
    return np.full((HIGH, WIDE, 3), level, np.uint8)


def draw_bars(_: int) -> Picture:
    """Colour bars with castellations and a grey step below."""
    frame = _ground(16)
    colours = ((191, 191, 191), (0, 191, 191), (191, 191, 0), (0, 191, 0), (191, 0, 191), (0, 0, 191), (191, 0, 0))
    for number, colour in enumerate(colours):
        cv2.rectangle(frame, (number * WIDE // 7, 0), ((number + 1) * WIDE // 7 - 1, 480), colour, -1)
        if number % 2 == 0:
            below = colours[6 - number]
            cv2.rectangle(frame, (number * WIDE // 7, 481), ((number + 1) * WIDE // 7 - 1, 540), below, -1)
    for number, level in enumerate((10, 235, 60, 16, 10, 22)):
        cv2.rectangle(frame, (number * WIDE // 6, 541), ((number + 1) * WIDE // 6 - 1, HIGH), (level,) * 3, -1)
    return frame


def draw_ebu_bars(_: int) -> Picture:
    """Eight bars over the full height."""
    frame = _ground(0)
    for number in range(8):
        bits = 7 - number
        colour = (191 * (bits & 1), 191 * (bits >> 2 & 1), 191 * (bits >> 1 & 1))
        cv2.rectangle(frame, (number * WIDE // 8, 0), ((number + 1) * WIDE // 8 - 1, HIGH), colour, -1)
    return frame


def draw_leader(frame: int) -> Picture:
    """A countdown: circles, a cross, a sweeping hand and a number."""
    picture = _ground(120)
    second, rest = divmod(frame, RATE)
    centre = (WIDE // 2, HIGH // 2)
    cv2.ellipse(picture, centre, (900, 900), -90, 0, 360 * rest / RATE, (80, 80, 80), -1)
    cv2.line(picture, (0, centre[1]), (WIDE, centre[1]), (20, 20, 20), 3)
    cv2.line(picture, (centre[0], 0), (centre[0], HIGH), (20, 20, 20), 3)
    for radius in (270, 310):
        cv2.circle(picture, centre, radius, (235, 235, 235), 6, cv2.LINE_AA)
    cv2.putText(picture, str(8 - second % 7), (520, 480), _FONTS[1], 12, (15, 15, 15), 24, cv2.LINE_AA)
    return picture


def draw_slate(frame: int) -> Picture:
    """A slate with the fields that everybody fills in."""
    picture = _ground(24)
    rows = ("PROGRAM", "EPISODE", "VERSION", "DATE", "AUDIO 1-2", "ASPECT", "RUNTIME", "COPYRIGHT")
    values = ("NORTHLIGHT", "101", "TEXTLESS", "2026", "STEREO", "1.78", "00:44:10", "NORTHLIGHT")
    for number, (row, value) in enumerate(zip(rows, values, strict=True)):
        y = 110 + number * 72
        cv2.putText(picture, f"{row}:", (120, y), _FONTS[1], 1.5, _WHITE, 3, cv2.LINE_AA)
        cv2.putText(picture, value, (620, y), _FONTS[1], 1.5, _WHITE, 3, cv2.LINE_AA)
    del frame
    return picture


def draw_chart(_: int) -> Picture:
    """A test chart: grid, circles, wedges, grey steps, a star."""
    picture = _ground(128)
    for x in range(0, WIDE, 80):
        cv2.line(picture, (x, 0), (x, HIGH), (230, 230, 230), 2)
    for y in range(0, HIGH, 80):
        cv2.line(picture, (0, y), (WIDE, y), (230, 230, 230), 2)
    cv2.circle(picture, (WIDE // 2, HIGH // 2), 330, (240, 240, 240), 4, cv2.LINE_AA)
    for number in range(11):
        level = number * 25
        cv2.rectangle(picture, (200 + number * 80, 560), (279 + number * 80, 630), (level,) * 3, -1)
    for spoke in range(0, 36, 2):
        cv2.ellipse(picture, (WIDE // 2, 280), (150, 150), 0, spoke * 10, spoke * 10 + 10, (0, 0, 0), -1)
    for number in range(40):
        cv2.line(picture, (80 + number * 4, 100), (100 + number * 2, 400), (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(picture, "1080", (980, 300), _FONTS[0], 2, (0, 0, 0), 3)
    return picture


def draw_safe(_: int) -> Picture:
    """Title safe and action safe on black."""
    picture = _ground(16)
    for share, name in ((0.9, "ACTION SAFE"), (0.8, "TITLE SAFE")):
        x, y = int(WIDE * (1 - share) / 2), int(HIGH * (1 - share) / 2)
        cv2.rectangle(picture, (x, y), (WIDE - x, HIGH - y), (220, 220, 220), 2)
        cv2.putText(picture, name, (x + 10, y + 30), _FONTS[0], 0.9, _WHITE, 2, cv2.LINE_AA)
    cv2.line(picture, (WIDE // 2 - 40, HIGH // 2), (WIDE // 2 + 40, HIGH // 2), _WHITE, 2)
    cv2.line(picture, (WIDE // 2, HIGH // 2 - 40), (WIDE // 2, HIGH // 2 + 40), _WHITE, 2)
    return picture


def draw_logo(_: int) -> Picture:
    """A studio's logo on black."""
    picture = _ground(8)
    cv2.circle(picture, (WIDE // 2, 300), 150, (200, 150, 60), -1, cv2.LINE_AA)
    points = np.array(((560, 380), (640, 180), (720, 380), (640, 330)), np.int32)
    cv2.fillPoly(picture, [points], (30, 20, 20), cv2.LINE_AA)
    cv2.putText(picture, "NORTHLIGHT PICTURES", (230, 560), _FONTS[3], 2.2, (220, 200, 160), 4, cv2.LINE_AA)
    return picture


COMMON: dict[str, Callable[[int], Picture]] = {
    "colour bars": draw_bars,
    "EBU bars": draw_ebu_bars,
    "countdown": draw_leader,
    "slate": draw_slate,
    "test chart": draw_chart,
    "title safe": draw_safe,
    "studio logo": draw_logo,
    "black": lambda _: _ground(16),
    "white": lambda _: _ground(235),
}
"""Kind -> frame of this number."""
