"""A picture file -> gray and small, through the cheapest door: a JPEG is decoded shrunk."""

from __future__ import annotations

import warnings

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from provenance import features, fingerprints
from provenance.features import Gray
from provenance.intake.fingerprints import frames
from provenance.intake.source import Source

FORMATS = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/tiff": "TIFF",
    "image/avif": "AVIF", "image/jp2": "JPEG2000", "image/bmp": "BMP", "image/vnd.adobe.photoshop": "PSD",
}  # fmt: skip
"""What Pillow opens here, by media type."""
_GROUND = 128
"""Gray that transparent parts are laid on."""


class TooLarge(ValueError):
    """More pixels than the limits allow."""


def read(source: Source) -> tuple[Gray, NDArray[np.uint8]]:
    """Gray of at most `features.SIDE` and RGB of at most `fingerprints.SMALL` pixels a side, upright.

    Raises `TooLarge`, and whatever Pillow raises for a damaged file.
    """
    source.file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked here, against our own limit
        with Image.open(source.file, formats=[FORMATS[source.media_type]]) as image:
            if image.width * image.height > source.limits.pixels:
                raise TooLarge(f"{image.width} x {image.height} pixels")
            image.draft("RGB", frames.fitting(image.width, image.height, features.SIDE))
            colour = _colour(ImageOps.exif_transpose(image))
    gray = np.asarray(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), np.uint8)
    return _shrunk(gray, features.SIDE), _shrunk(colour, fingerprints.SMALL)


def _colour(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return _deep(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (_GROUND, _GROUND, _GROUND, 255))
        image = Image.alpha_composite(ground, layer)
    return np.asarray(image.convert("RGB"))


def _deep(image: Image.Image) -> NDArray[np.uint8]:
    """Gray of more than 8 bits, stretched from its darkest to its lightest."""
    values = np.asarray(image, np.float32)
    low, high = np.nanpercentile(values, (0.5, 99.5))
    levels = np.clip((np.nan_to_num(values) - low) * (255 / max(float(high - low), 1e-6)), 0, 255).astype(np.uint8)
    return np.repeat(levels[:, :, None], 3, axis=2)


def _shrunk(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    size = frames.fitting(picture.shape[1], picture.shape[0], side)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
