"""Which files can hold a C2PA manifest, and whether one that could not be parsed seems to hold one."""

from __future__ import annotations

import re

from provenance.intake.source import Source

STORE = "application/c2pa"
STREAMED = frozenset({
    "image/avif", "image/heic", "image/heif", "video/mp4", "video/quicktime", "video/3gpp", "audio/mp4",
    "audio/x-wav", "video/x-msvideo",
})  # fmt: skip
"""Types that the library reads piece by piece; it holds all others whole in memory, some of them twice."""
EMBEDDING = STREAMED | frozenset({
    "image/jpeg", "image/png", "image/webp", "image/tiff", "image/x-adobe-dng", "image/x-nikon-nef",
    "image/x-sony-arw", "image/gif", "image/jxl", "image/svg+xml", "audio/mpeg", "audio/flac", "application/pdf",
    "application/zip", "application/epub+zip", STORE,
})  # fmt: skip
"""Types in which a manifest can stand. Nothing else is handed to the library: there is nothing to look at."""

_FAMILIES = ("application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument")
_SPOKEN = {"video/3gpp": "video/mp4"}
_STORE_BOX = re.compile(
    rb"jumb.{4}jumdc2pa|\xd8\xfe\xc3\xd6\x1b\x0eH<\x92\x97X\(\x87~\xc4\x81.{4}manifest|application/(x-)?c2pa", re.DOTALL
)
_OVERLAP = 64


def library_type(media_type: str) -> str | None:
    """The type under which a file is handed to the library; None when it can hold no manifest."""
    if media_type in EMBEDDING or media_type.startswith(_FAMILIES):
        return _SPOKEN.get(media_type, media_type)
    return None


def is_too_large(source: Source) -> bool:
    """Whether the library would need more memory for it than a file may cost."""
    return source.size > source.limits.c2pa_buffered and source.media_type not in STREAMED


def seems_to_hold_manifest(source: Source) -> bool:
    """Whether the mark of a manifest store stands anywhere in the file; of a huge one only both ends are searched."""
    half = source.limits.c2pa_buffered // 2
    if source.size <= 2 * half:
        return _found(source, 0, source.size)
    return _found(source, 0, half) or _found(source, source.size - half, source.size)


def _found(source: Source, start: int, end: int) -> bool:
    block = source.limits.block
    return any(
        _STORE_BOX.search(source.at(offset, min(block + _OVERLAP, end - offset))) for offset in range(start, end, block)
    )
