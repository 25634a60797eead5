"""PNG text chunks, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from provenance.intake.containers.png import Chunk, chunks
from provenance.intake.containers.readable import MalformedContainer, bounded
from provenance.intake.containers.text import decoded, inflated
from provenance.intake.family import Carrier, Said
from provenance.intake.source import Source
from provenance.model import Cause, Statement, Trouble

XMP_KEYWORD = "XML:com.adobe.xmp"
"""Keyword of the iTXt chunk that holds an XMP packet."""
_KEPT = 4
"""All texts of a file together may have this many times what one may."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text chunk, unpacked: keyword, text, and why the text is not whole."""

    keyword: str
    data: bytes
    loss: Cause | None = None


class Png(Carrier):
    """tEXt, zTXt and iTXt, and the private `comf` chunk of animated pictures; `eXIf` and XMP are read by their own."""

    name: ClassVar[str] = "png"
    title: ClassVar[str] = "PNG text chunks"
    media: ClassVar[frozenset[str]] = frozenset({"image/png"})

    def read(self, source: Source) -> Iterator[Said]:
        """Yield one statement for each text, in the order of the file. Compressed texts are unpacked up to a limit."""
        left = _KEPT * source.limits.inflated
        try:
            for chunk in chunks(source):
                if (text := text_of(source, chunk, left)) is None or text.keyword == XMP_KEYWORD:
                    continue
                left -= len(text.data)
                where = f'{chunk.kind} chunk "{text.keyword}" at byte {chunk.offset - 8}'
                if text.loss:
                    yield Trouble("", self.name, text.loss, f"{where}: only its first {len(text.data)} bytes were read")
                yield Statement(self.name, where, text.keyword, decoded(text.data))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def text_of(source: Source, chunk: Chunk, most: int | None = None) -> Text | None:
    """What a text chunk says, at most `limits.inflated` bytes, or `most` if that is less; None for other chunks."""
    if chunk.kind not in _SPLIT:
        return None
    limit = max(0, min(source.limits.inflated, source.limits.inflated if most is None else most))
    data = bounded(source, chunk.offset, chunk.length)
    keyword, _, rest = data.partition(b"\0")
    packed, body = _SPLIT[chunk.kind](rest)
    if packed:
        return Text(decoded(keyword), *inflated(body, limit))
    cut = len(body) > limit or len(data) < chunk.length
    return Text(decoded(keyword), body[:limit], Cause.OVERSIZED if cut else None)


def _plain(rest: bytes) -> tuple[bool, bytes]:
    return False, rest


def _compressed(rest: bytes) -> tuple[bool, bytes]:
    return True, rest[1:]


def _international(rest: bytes) -> tuple[bool, bytes]:
    """Flag, method, language, translated keyword, text."""
    _language, _, behind = rest[2:].partition(b"\0")
    _translated, _, body = behind.partition(b"\0")
    return rest[:1] == b"\1", body


_SPLIT = {"tEXt": _plain, "zTXt": _compressed, "iTXt": _international, "comf": _plain}
