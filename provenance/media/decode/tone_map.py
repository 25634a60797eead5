"""Light as a person would see it on an ordinary screen: HDR and linear material made gray of 8 bits."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.features import Gray

PQ, LINEAR, LOG, LOG_SQRT = 16, 8, 9, 10
"""Transfer characteristics as ITU-T H.273 numbers them. HLG looks right as it is; camera logs are stretched later."""
CINEON = 1000
"""Printing density, as scanners and DPX have it: a number of our own, which no file can name."""
_WHITE = 203.0
"""Nits of diffuse white in HDR (ITU-R BT.2408)."""
_FAINTEST, _DARKEST, _BRIGHTEST = 1e-4, 0.05, 8.0
"""Light of the brightest tenth of a picture: below the first it is black, between the others shown as it is."""
_LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)


def shown(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light, 1 for diffuse white -> 0 to 1 on a screen; what is brighter than white rolls off."""
    light = np.clip(np.nan_to_num(light, nan=0.0, posinf=1e4, neginf=0.0), 0, 1e4)
    soft = np.where(light > 0.5, 0.5 + (light - 0.5) / (1 + (light - 0.5)), light)
    bright: NDArray[np.float32] = np.power(soft / 1.5, 1 / 2.2).astype(np.float32)
    return bright


def gray_of_linear(rgb: NDArray[np.float32]) -> Gray:
    """(height, width, 3) linear light -> gray."""
    return (shown(rgb @ _LUMA) * 255).astype(np.uint8)


def exposed(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """(height, width, 3) linear light, brought to where a screen shows it when it is far too dark or too bright."""
    bright = float(np.percentile(rgb @ _LUMA, 90))
    if bright < _FAINTEST or _DARKEST <= bright <= _BRIGHTEST:
        return rgb
    return rgb * np.float32(1 / bright)


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
    return (shown(light.astype(np.float32)) * 255).astype(np.uint8)
