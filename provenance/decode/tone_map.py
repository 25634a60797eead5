"""Tone mapping: HDR, log and linear light as a person would see it on an ordinary screen, in 8 bits."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Floats, Gray

# Transfer characteristics as ITU-T H.273 numbers them. HLG looks right as it is; camera logs are stretched later.
PQ = 16
LINEAR = 8
LOG = 9
"""Logarithmic over a range of 100 to 1."""
LOG_SQRT = 10
"""Logarithmic over a range of 100 times the square root of 10, to 1."""
CINEON = 1000
"""Printing density, as film scanners and DPX have it: our own number, outside of those that a file can name."""

_DIFFUSE_WHITE = 203.0
"""Nits of diffuse white in HDR (ITU-R BT.2408)."""
# The exposure of a picture is measured on the light at its 90th percentile, against diffuse white.
_FAINTEST = 1e-4
"""Below this the picture is black, and is left black."""
_DARKEST = 0.05
"""From here to `_BRIGHTEST` the picture is shown as it is."""
_BRIGHTEST = 8.0
_MOST_LIGHT = 1e4
"""Light, against diffuse white, above which a value is damage or a specular that clips anyway."""
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
"""Weights of red, green and blue in luma (ITU-R BT.709)."""
_ROLL_OFF = 0.5
"""Light up to which a screen follows exactly; above, highlights are compressed and never reach 1.5."""
_SCREEN_GAMMA = 2.2

_CINEON_BLACK = 95
"""Code of black, of 1023 (Kodak's Cineon)."""
_CINEON_WHITE = 685
"""Code of diffuse white."""
_CINEON_DENSITY = 0.002
"""Printing density of one code."""
_CINEON_GAMMA = 0.6
"""Density of negative film for a tenfold exposure."""


def clean_light(light: Floats) -> Floats:
    """Linear light with the values that no screen can show replaced.

    Not-a-number and negative light become black, infinite light becomes the most. Everything that multiplies light
    calls this first: a product of infinities is undefined, and whether it warns depends on the processor.
    """
    return np.clip(np.nan_to_num(light, nan=0.0, posinf=_MOST_LIGHT, neginf=0.0), 0, _MOST_LIGHT)


def to_screen(light: Floats) -> Floats:
    """Tone map linear light, 1 for diffuse white, to a screen's 0 to 1; highlights above white roll off."""
    light = clean_light(light)
    above = light - _ROLL_OFF
    compressed = np.where(light > _ROLL_OFF, _ROLL_OFF + above / (1 + above), light)
    screen: Floats = np.power(compressed / 1.5, 1 / _SCREEN_GAMMA).astype(np.float32)
    return screen


def linear_to_gray(rgb: Floats) -> Gray:
    """(height, width, 3) linear light -> gray as on a screen."""
    return (to_screen(clean_light(rgb) @ _LUMA) * 255).astype(np.uint8)


def normalise_exposure(rgb: Floats) -> Floats:
    """(height, width, 3) linear light, scaled to where a screen shows it if it is far too dark or too bright."""
    light = clean_light(rgb)
    brightness = float(np.percentile(light @ _LUMA, 90))
    if brightness < _FAINTEST or _DARKEST <= brightness <= _BRIGHTEST:
        return light
    return light * np.float32(1 / brightness)


@functools.cache
def find_tone_curve(transfer: int) -> Gray | None:
    """(256,): the level on a screen for each level of coded luma; None where a transfer looks right as it is."""
    code = np.arange(256, dtype=np.float64) / 255
    if transfer == PQ:
        light = _decode_pq(code)
    elif transfer == LINEAR:
        light = code
    elif transfer == LOG:
        light = 10 ** ((code - 1) * 2.0)
    elif transfer == LOG_SQRT:
        light = 10 ** ((code - 1) * 2.5)
    elif transfer == CINEON:
        light = _decode_cineon(code)
    else:
        return None
    return (to_screen(light.astype(np.float32)) * 255).astype(np.uint8)


def _decode_pq(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Code values 0 to 1 -> light against diffuse white, with the constants of SMPTE ST 2084."""
    root = code ** (32 / 2523)
    nits = 10_000 * (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
    return nits / _DIFFUSE_WHITE


def _decode_cineon(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Code values 0 to 1 -> light against diffuse white, black taken off."""
    black = 10 ** ((_CINEON_BLACK - _CINEON_WHITE) * _CINEON_DENSITY / _CINEON_GAMMA)
    light = 10 ** ((code * 1023 - _CINEON_WHITE) * _CINEON_DENSITY / _CINEON_GAMMA)
    return (light - black) / (1 - black)
