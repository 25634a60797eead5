"""A small picture of what a file shows, for people who would rather look."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from provenance.media.source import Source

LONGEST_SIDE = 320
_LARGEST = 20_000
_STILLS = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/tiff": "TIFF",
    "image/avif": "AVIF", "image/jp2": "JPEG2000", "image/bmp": "BMP", "image/vnd.adobe.photoshop": "PSD",
}  # fmt: skip


def make_thumbnail(source: Source) -> bytes | None:
    """A JPEG of at most 20 kB and 320 pixels a side; None for what shows nothing or is too large to decode."""
    if format_name := _STILLS.get(source.media_type):
        picture = _still(source, format_name)
    elif source.media_type.startswith("video/") or source.media_type == "application/mxf":
        picture = _frame(source)
    elif source.media_type.startswith("image/"):
        picture = _developed(source)
    else:
        return None
    return _encoded(picture) if picture else None


def _still(source: Source, format_name: str) -> Image.Image | None:
    source.file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked here, against our own limit
        with Image.open(source.file, formats=[format_name]) as image:
            if image.width * image.height > source.limits.pixels:
                return None
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return ImageOps.exif_transpose(image).convert("RGB")


def _developed(source: Source) -> Image.Image | None:
    """A picture that Pillow does not open, as fingerprints are taken from it."""
    from provenance.media.decode import stills

    return (
        Image.fromarray(stills.decode_gray_and_thumbnail(source, LONGEST_SIDE, LONGEST_SIDE)[1])
        if stills.can_decode(source.media_type)
        else None
    )


def _frame(source: Source) -> Image.Image | None:
    """A frame from a tenth into the movie: the very first one is often black."""
    from provenance.media.decode.av_container import open_media

    with open_media(source) as container:
        stream = next(iter(container.streams.video), None)
        if stream is None or stream.codec_context.width * stream.codec_context.height > source.limits.pixels:
            return None
        if container.duration:
            container.seek(container.duration // 10)
        for frame in container.decode(stream):
            image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # untyped in PyAV
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return image
    return None


def _encoded(picture: Image.Image) -> bytes:
    for quality in (80, 60, 40, 20):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= _LARGEST:
            break
    return out.getvalue()
