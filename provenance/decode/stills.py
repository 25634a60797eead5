"""A picture file -> gray and small pictures, by the cheapest way: a JPEG is decoded at a smaller size."""

from __future__ import annotations

import io
import struct
import warnings

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from provenance.decode import ffmpeg_picture, frames, raw_previews
from provenance.decode.errors import DecodeError, make_decode_error
from provenance.decode.ffmpeg_picture import DecodedPicture
from provenance.limits import DEFAULT
from provenance.media.arrays import Gray, Rgb
from provenance.media.source import Source
from provenance.media.types import Decoder, find_type
from provenance.model.vocabulary import Cause

DAMAGE = (OSError, ValueError, SyntaxError, EOFError, struct.error)
"""What Pillow raises for damage."""
# Pillow refuses pictures of twice as many pixels; `_check_size` refuses the rest.
Image.MAX_IMAGE_PIXELS = DEFAULT.pixels // 2
_HIGH_BIT_DEPTH = ("I;16", "I;16B", "I;16L", "I", "F")
"""Pillow's modes for gray of 16 or 32 bits."""
_WITH_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
_CAN_BE_REDUCED = frozenset({"L", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"})
"""Modes in which a large picture is made smaller before anything else is done with it."""
_DARKEST_PERCENTILE = 0.5
_LIGHTEST_PERCENTILE = 99.5
"""Percentiles of the values that become black and white in gray of a high bit depth."""


def can_decode(media_type: str) -> bool:
    """Whether a file of this type is a picture that has a decoder here, installed or not."""
    return find_type(media_type).decoder is not None


def decode_gray_and_thumbnail(source: Source, side: int, thumbnail_side: int) -> tuple[Gray, Rgb]:
    """Gray of at most `side` and RGB of at most `thumbnail_side` pixels a side, upright.

    Raises `DecodeError`.
    """
    picture = _decode_picture(source, side)
    if isinstance(picture, DecodedPicture):
        gray = frames.to_gray(picture.frame, side, picture.pixel_aspect)
        return gray, frames.to_rgb(picture.frame, thumbnail_side, picture.pixel_aspect)
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    return shrink(gray, side), shrink(picture, thumbnail_side)


def decode_thumbnail(source: Source, side: int) -> Rgb:
    """RGB of at most `side` pixels a side, upright. Raises `DecodeError`."""
    picture = _decode_picture(source, side)
    if isinstance(picture, DecodedPicture):
        return frames.to_rgb(picture.frame, side, picture.pixel_aspect)
    return shrink(picture, side)


def decode(source: Source, side: int) -> DecodedPicture:
    """The picture as a frame of a sequence, at least `side` pixels a side unless the file has fewer.

    Raises `DecodeError`.
    """
    picture = _decode_picture(source, side)
    if isinstance(picture, DecodedPicture):
        return picture
    return DecodedPicture(frames.from_rgb(picture))


def _decode_picture(source: Source, side: int) -> DecodedPicture | Rgb:
    """A frame, or an upright RGB array that may be larger than `side`."""
    media_type = find_type(source.media_type)
    try:
        if media_type.decoder is Decoder.PILLOW:
            return _decode_with_pillow(source, media_type.pillow_format, side)
        if media_type.decoder is Decoder.HEIF:
            return _decode_heif(source, side)
        if media_type.decoder is Decoder.RAW_PREVIEW:
            return _decode_raw_preview(source, side)
    except UnidentifiedImageError as error:
        # Pillow does not know every TIFF: floating-point ones are left to FFmpeg.
        if not media_type.ffmpeg_codec:
            raise make_decode_error(error) from error
    except Image.DecompressionBombError as error:
        raise DecodeError(Cause.OVERSIZED, str(error)) from error
    except DAMAGE as error:
        raise make_decode_error(error) from error
    if media_type.ffmpeg_codec:
        return ffmpeg_picture.decode(source)
    raise make_unsupported_error(source)


def make_unsupported_error(source: Source) -> DecodeError:
    """The error for a picture that has no decoder here."""
    return DecodeError(Cause.UNSUPPORTED, f"pictures of type {source.media_type} cannot be decoded here")


def open_with_pillow(source: Source, pillow_format: str) -> Image.Image:
    """Open a picture as that format and no other; its size is for the caller to check."""
    source.file.seek(0)
    with warnings.catch_warnings():
        # Pillow warns of large pictures by a limit of its own.
        warnings.simplefilter("ignore")
        return Image.open(source.file, formats=[pillow_format])


def _decode_with_pillow(source: Source, pillow_format: str, side: int) -> Rgb:
    with open_with_pillow(source, pillow_format) as image, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _decode_upright(image, source, side)


def _decode_heif(source: Source, side: int) -> Rgb:
    try:
        import pi_heif
    except ImportError:
        detail = "HEIC pictures need the optional part pi-heif; install it with: pip install 'provenance[heif]'"
        raise DecodeError(Cause.NOT_INSTALLED, detail) from None
    source.file.seek(0)
    file = pi_heif.open_heif(source.file, convert_hdr_to_8bit=True)
    width, height = file.size
    # Before `to_pillow`, which decodes.
    _check_size(width, height, source)
    return _decode_upright(file.to_pillow(), source, side)


def _decode_raw_preview(source: Source, side: int) -> Rgb:
    """The largest JPEG that a camera put into its raw file; the raw samples are not developed."""
    for offset, length in raw_previews.find_previews(source):
        try:
            with Image.open(io.BytesIO(source.at(offset, length)), formats=["JPEG"]) as image:
                return _decode_upright(image, source, side)
        except DAMAGE:
            # Some cameras keep the raw samples in lossless JPEGs, which no picture decoder reads.
            continue
    raise DecodeError(Cause.UNSUPPORTED, f"{source.media_type}: holds no preview that can be decoded")


def _decode_upright(image: Image.Image, source: Source, side: int) -> Rgb:
    """RGB as the EXIF orientation turns it. Raises `DecodeError` for more pixels than the limits allow."""
    _check_size(image.width, image.height, source)
    # JPEG decoders can leave out the finest detail for a fraction of the cost.
    image.draft("RGB", frames.fit_within(image.width, image.height, side))
    upright = ImageOps.exif_transpose(image)
    factor = max(upright.size) // (2 * side)
    # Averaging pixels is wrong where one colour means transparent.
    if factor > 1 and upright.mode in _CAN_BE_REDUCED and "transparency" not in upright.info:
        upright = upright.reduce(factor)
    return convert_to_rgb(upright)


def _check_size(width: int, height: int, source: Source) -> None:
    if width * height > source.limits.pixels:
        raise DecodeError(Cause.OVERSIZED, f"{width} x {height} pixels")


def convert_to_rgb(image: Image.Image) -> Rgb:
    """RGB of an image in any mode, transparent parts on gray. Decodes it: raises any of `DAMAGE`."""
    if image.mode in _HIGH_BIT_DEPTH:
        return _stretch_contrast(image)
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        layer = image.convert("RGBA")
        background = Image.new("RGBA", layer.size, (frames.BACKGROUND, frames.BACKGROUND, frames.BACKGROUND, 255))
        image = Image.alpha_composite(background, layer)
    return np.asarray(image.convert("RGB"))


def _stretch_contrast(image: Image.Image) -> Rgb:
    """Gray of a high bit depth in 8 bits: such files often use a small part of their range."""
    values = np.asarray(image, np.float32)
    low, high = np.nanpercentile(values, (_DARKEST_PERCENTILE, _LIGHTEST_PERCENTILE))
    scale = 255 / max(float(high - low), 1e-6)
    levels = np.clip((np.nan_to_num(values) - low) * scale, 0, 255).astype(np.uint8)
    return np.repeat(levels[:, :, None], 3, axis=2)


def shrink(picture: Rgb, side: int) -> Rgb:
    """The picture with at most `side` pixels a side; gray as well."""
    size = frames.fit_within(picture.shape[1], picture.shape[0], side)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
