"""JPEG XL: metadata boxes, bare or packed with Brotli, for which an optional library is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from provenance.media.formats import isobmff
from provenance.media.formats.isobmff import Box
from provenance.media.readable import MalformedContainer, MissingLibrary, OversizedContainer, Readable, read_within

BROTLI_BOX = "brob"
READABLE_KINDS = frozenset({"Exif", "xml "})
"""Kinds of boxes that are read here when they are packed."""


def read_boxes(source: Readable, kind: str) -> Iterator[tuple[Box, bytes]]:
    """What the boxes of a kind hold, those packed among them; what cannot be unpacked is left out.

    Raises `MalformedContainer` as the walker of boxes does.
    """
    for box in isobmff.walk_level(source) if source.at(4, 4) == b"JXL " else ():
        if box.kind == kind:
            yield box, read_within(source, box.offset, box.length)
        elif box.kind == BROTLI_BOX and read_inner_kind(source, box) == kind:
            with contextlib.suppress(MalformedContainer):  # The carrier of the boxes reports it.
                yield box, unpack_box(source, box)


def read_inner_kind(source: Readable, box: Box) -> str:
    """Of what kind the box is that is packed in this one."""
    return source.at(box.offset, 4).decode("latin-1")


def unpack_box(source: Readable, box: Box) -> bytes:
    """What a packed box holds.

    Raises `MissingLibrary` without brotli, `OversizedContainer` beyond `limits.inflated` bytes, `MalformedContainer`
    where it is damaged.
    """
    try:
        import brotli
    except ImportError:
        raise MissingLibrary("it is packed with Brotli; pip install 'provenance[jxl]'") from None
    stream, most = brotli.Decompressor(), source.limits.inflated
    parts, data = list[bytes](), read_within(source, box.offset + 4, box.length - 4)
    try:
        while not stream.is_finished() and (data or not stream.can_accept_more_data()):
            parts.append(stream.process(data, output_buffer_limit=most + 1))
            data = b""
            if sum(map(len, parts)) > most:
                raise OversizedContainer(f"it unpacks to more than {most} bytes")
    except brotli.error as error:
        raise MalformedContainer(str(error)) from None
    if not stream.is_finished():
        raise MalformedContainer("it ends before its data does")
    return b"".join(parts)
