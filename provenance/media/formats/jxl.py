"""JPEG XL files (ISO/IEC 18181-2): metadata boxes, as they are or compressed with Brotli.

Layout: boxes as in `isobmff`, the first of kind `JXL `. A `brob` box holds the kind of another box in four letters,
then the content of that box compressed with Brotli, for which an optional library is needed. A bare codestream has no
boxes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from provenance.media.formats import isobmff
from provenance.media.formats.isobmff import Box
from provenance.media.readable import MalformedContainer, MissingLibrary, OversizedContainer, Readable, read_within

BROTLI_BOX = "brob"
READABLE_KINDS = frozenset({"Exif", "xml "})
"""Kinds of boxes that are decompressed here."""


def read_boxes(source: Readable, kind: str) -> Iterator[tuple[Box, bytes]]:
    """Read the content of every box of a kind, compressed ones among them; leave out what cannot be decompressed.

    Raises `MalformedContainer` as the walker of boxes does.
    """
    if source.at(4, 4) != b"JXL ":
        return
    for box in isobmff.walk_level(source):
        if box.kind == kind:
            yield box, read_within(source, box.offset, box.length)
        elif box.kind == BROTLI_BOX and read_inner_kind(source, box) == kind:
            # The carrier of the boxes reports the damage.
            with contextlib.suppress(MalformedContainer):
                yield box, unpack_box(source, box)


def read_inner_kind(source: Readable, box: Box) -> str:
    """Read the kind of the box that is compressed in this one."""
    return source.at(box.offset, 4).decode("latin-1")


def unpack_box(source: Readable, box: Box) -> bytes:
    """Decompress the content of a `brob` box.

    Raises `MissingLibrary` without brotli, `OversizedContainer` beyond `limits.inflated` bytes, `MalformedContainer`
    where it is damaged.
    """
    try:
        import brotli
    except ImportError:
        raise MissingLibrary("it is compressed with Brotli; pip install 'provenance[jxl]'") from None
    decompressor = brotli.Decompressor()
    most = source.limits.inflated
    data = read_within(source, box.offset + 4, box.length - 4)
    parts: list[bytes] = []
    length = 0
    try:
        # The output is limited at each step, so that a bomb is noticed before it takes the memory.
        while not decompressor.is_finished() and (data or not decompressor.can_accept_more_data()):
            parts.append(decompressor.process(data, output_buffer_limit=most + 1))
            data = b""
            length += len(parts[-1])
            if length > most:
                raise OversizedContainer(f"it decompresses to more than {most:,} bytes")
    except brotli.error as error:
        raise MalformedContainer(str(error)) from None
    if not decompressor.is_finished():
        raise MalformedContainer("the compressed data is cut")
    return b"".join(parts)
