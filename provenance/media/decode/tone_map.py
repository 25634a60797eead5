"""Tone mapping: HDR, log and linear light as a person would see it on an ordinary screen, in 8 bits."""

from __future__ import annotations

import functools

import numpy as np

from provenance.media.arrays import Floats, Gray

PQ, LINEAR, LOG, LOG_SQRT = 16, 8, 9, 10
"""Transfer characteristics as ITU-T H.273 numbers them. HLG looks right as it is; camera logs are stretched later."""
CINEON = 1000
"""Printing density, as scanners and DPX have it: a number of our own, which no file can name."""
_WHITE = 203.0
"""Nits of diffuse white in HDR (ITU-R BT.2408)."""
_FAINTEST, _DARKEST, _BRIGHTEST = 1e-4, 0.05, 8.0
"""Light of the brightest tenth of a picture: below the first it is black, between the others shown as it is."""
_MOST_LIGHT = 1e4
"""Light, against diffuse white, above which a value is damage or a specular that clips anyway."""
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)


def clean_light(light: Floats) -> Floats:
    """Linear light with values that no screen has replaced: not-a-number and negative by black, infinite by the most.

    Everything that multiplies light calls this first: a product of infinities is undefined, and whether it warns depends
    on the processor.
    """
    return np.clip(np.nan_to_num(light, nan=0.0, posinf=_MOST_LIGHT, neginf=0.0), 0, _MOST_LIGHT)


def to_screen(light: Floats) -> Floats:
    """Linear light, 1 for diffuse white -> 0 to 1 on a screen; what is brighter than white rolls off."""
    light = clean_light(light)
    soft = np.where(light > 0.5, 0.5 + (light - 0.5) / (1 + (light - 0.5)), light)
    bright: Floats = np.power(soft / 1.5, 1 / 2.2).astype(np.float32)
    return bright


def linear_to_gray(rgb: Floats) -> Gray:
    """(height, width, 3) linear light -> gray as on a screen."""
    return (to_screen(clean_light(rgb) @ _LUMA) * 255).astype(np.uint8)


def normalise_exposure(rgb: Floats) -> Floats:
    """(height, width, 3) linear light, brought to where a screen shows it when it is far too dark or too bright."""
    light = clean_light(rgb)
    bright = float(np.percentile(light @ _LUMA, 90))
    if bright < _FAINTEST or _DARKEST <= bright <= _BRIGHTEST:
        return light
    return light * np.float32(1 / bright)


@functools.cache
def curve(transfer: int) -> Gray | None:
    """256 levels to look coded luma up in; None where it looks right as it is."""
    code = np.arange(256, dtype=np.float64) / 255
    if transfer == PQ:  # SMPTE ST 2084
        root = code ** (32 / 2523)
        nits = 10_000 * (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
        light = nits / _WHITE
    elif transfer == LINEAR:
        light = code
    elif transfer in (LOG, LOG_SQRT):
        light = 10 ** ((code - 1) * (2.0 if transfer == LOG else 2.5))
    elif transfer == CINEON:  # Kodak's: black at 95 of 1023, white at 685, 0.002 of density to a code
        black = 10 ** ((95 - 685) * 0.002 / 0.6)
        light = (10 ** ((code * 1023 - 685) * 0.002 / 0.6) - black) / (1 - black)
    else:
        return None
    return (to_screen(light.astype(np.float32)) * 255).astype(np.uint8)
