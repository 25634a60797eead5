"""A picture file -> gray and small, through the cheapest door: a JPEG is decoded shrunk."""

from __future__ import annotations

import io
import struct
import warnings

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from provenance.limits import DEFAULT
from provenance.media.arrays import Gray, Rgb
from provenance.media.decode import ffmpeg_picture, frames, raw_previews
from provenance.media.decode.errors import DecodeError, decode_error
from provenance.media.decode.ffmpeg_picture import DecodedPicture
from provenance.media.formats import exif
from provenance.media.source import Source
from provenance.model.vocabulary import Cause

FORMATS = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/tiff": "TIFF",
    "image/avif": "AVIF", "image/jp2": "JPEG2000", "image/x-j2c": "JPEG2000", "image/bmp": "BMP",
    "image/vnd.adobe.photoshop": "PSD", "image/x-portable-anymap": "PPM", "image/x-sgi": "SGI", "image/x-icon": "ICO",
    "image/x-dds": "DDS",
}  # fmt: skip
"""What Pillow opens here, by media type."""
_HEIF = frozenset({"image/heic", "image/heif"})
_RAWS = (exif.TIFFS - {"image/tiff"}) | {"image/x-fuji-raf"}
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises for damage."""
Image.MAX_IMAGE_PIXELS = DEFAULT.pixels // 2  # Pillow refuses what has twice as many; the rest is checked here
_GROUND = 128
"""Gray that transparent parts are laid on."""
_REDUCED = frozenset({"L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})
"""Modes in which a large picture is made smaller before anything else is done with it."""


def can_decode(media_type: str) -> bool:
    """Whether a file of this type is a picture that can be shown here, given what is installed."""
    return media_type in FORMATS or media_type in ffmpeg_picture.CODECS or media_type in _HEIF or media_type in _RAWS


def decode_gray_and_thumbnail(source: Source, side: int, thumbnail_side: int) -> tuple[Gray, Rgb]:
    """Gray of at most `side` and RGB of at most `thumbnail_side` pixels a side, upright.

    Raises `DecodeError`.
    """
    picture = _picture(source, side)
    if isinstance(picture, DecodedPicture):
        aspect = picture.pixel_aspect
        return frames.to_gray(picture.frame, side, aspect), frames.to_rgb(picture.frame, thumbnail_side, aspect)
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    return _shrink(gray, side), _shrink(picture, thumbnail_side)


def decode(source: Source, side: int) -> DecodedPicture:
    """The same picture as a frame of a sequence, no smaller than `side` if it is not. Raises `DecodeError`."""
    picture = _picture(source, side)
    return picture if isinstance(picture, DecodedPicture) else DecodedPicture(frames.from_rgb(picture))


def _picture(source: Source, side: int) -> DecodedPicture | Rgb:
    """A frame, or RGB and no larger than it needs to be."""
    try:
        if source.media_type in FORMATS:
            return _by_pillow(source, side)
        if source.media_type in _HEIF:
            return _heif(source, side)
        if source.media_type in _RAWS:
            return _preview(source, side)
    except UnidentifiedImageError as error:
        if source.media_type not in ffmpeg_picture.CODECS:
            raise decode_error(error) from error
    except Image.DecompressionBombError as error:
        raise DecodeError(Cause.OVERSIZED, str(error)) from error
    except DAMAGE as error:
        raise decode_error(error) from error
    if source.media_type in ffmpeg_picture.CODECS:
        return ffmpeg_picture.decode(source)
    raise unsupported(source)


def unsupported(source: Source) -> DecodeError:
    """What there is to say of a picture that nothing here decodes."""
    return DecodeError(Cause.UNSUPPORTED, f"no picture of the kind {source.media_type} can be decoded here")


def _by_pillow(source: Source, side: int) -> Rgb:
    source.file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is large: the size is checked here
        with Image.open(source.file, formats=[FORMATS[source.media_type]]) as image:
            return _bounded(image, source, side)


def _heif(source: Source, side: int) -> Rgb:
    try:
        import pi_heif
    except ImportError:
        detail = "HEIC is decoded with pi-heif; pip install 'provenance[heif]'"
        raise DecodeError(Cause.NOT_INSTALLED, detail) from None
    source.file.seek(0)
    opened = pi_heif.open_heif(source.file, convert_hdr_to_8bit=True)
    width, height = opened.size
    _check(width, height, source)
    return _bounded(opened.to_pillow(), source, side)


def _preview(source: Source, side: int) -> Rgb:
    """The largest JPEG that a camera put into its raw file; the raw samples themselves are left alone."""
    for offset, length in raw_previews.previews(source):
        try:
            with Image.open(io.BytesIO(source.at(offset, length)), formats=["JPEG"]) as image:
                return _bounded(image, source, side)
        except DAMAGE:
            continue  # raw samples stand in JPEGs as well, of a kind that no picture decoder reads
    raise DecodeError(Cause.UNSUPPORTED, f"{source.media_type}: holds no preview that can be decoded")


def _bounded(image: Image.Image, source: Source, side: int) -> Rgb:
    """Decoded, upright, RGB. Raises `DecodeError` for more pixels than the limits allow."""
    _check(image.width, image.height, source)
    image.draft("RGB", frames.fit_within(image.width, image.height, side))
    turned = ImageOps.exif_transpose(image)
    factor = max(turned.size) // (2 * side)
    if factor > 1 and turned.mode in _REDUCED and "transparency" not in turned.info:
        turned = turned.reduce(factor)
    return colour(turned)


def _check(width: int, height: int, source: Source) -> None:
    if width * height > source.limits.pixels:
        raise DecodeError(Cause.OVERSIZED, f"{width} x {height} pixels")


def colour(image: Image.Image) -> Rgb:
    """RGB of any mode; what is transparent shows gray."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return _deep(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (_GROUND, _GROUND, _GROUND, 255))
        image = Image.alpha_composite(ground, layer)
    return np.asarray(image.convert("RGB"))


def _deep(image: Image.Image) -> Rgb:
    """Gray of more than 8 bits, stretched from its darkest to its lightest."""
    values = np.asarray(image, np.float32)
    low, high = np.nanpercentile(values, (0.5, 99.5))
    levels = np.clip((np.nan_to_num(values) - low) * (255 / max(float(high - low), 1e-6)), 0, 255).astype(np.uint8)
    return np.repeat(levels[:, :, None], 3, axis=2)


def _shrink(picture: Rgb, side: int) -> Rgb:
    size = frames.fit_within(picture.shape[1], picture.shape[0], side)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
