"""Pixels -> JPEG, for everything that keeps or shows a small picture."""

from __future__ import annotations

import cv2

from provenance.media.arrays import Rgb


def encode_jpeg(picture: Rgb, quality: int, *, optimize: bool = False) -> bytes:
    """A JPEG file with 4:2:0 chroma.

    `quality`: 0 to 100 as libjpeg scales it. `optimize`: fit the Huffman tables to the picture, which makes the file a
    few per cent smaller and takes a second pass. Fingerprints store what this writes: with the defaults the bytes for
    the same pixels must not change.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    if optimize:
        options += [cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    # OpenCV keeps colours as blue, green, red.
    return cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)[1].tobytes()
