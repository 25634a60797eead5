"""Radiance HDR (RGBE): the lines of its header.

Layout: a first line `#?RADIANCE` or `#?RGBE`, then lines: a variable (`FORMAT=…`, `SOFTWARE=…`), a comment that begins
with `#`, or the command that made the picture. An empty line ends the header; the line of the size and the pixels
follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the lines of the header: variables under their names, comments as `Comment`, others as `Command`.

    Raises `MalformedContainer` when the header has no end, `OversizedContainer` when it goes on too long.
    """
    head = source.at(0, source.limits.text)
    # The first line has only the signature.
    position = head.find(b"\n") + 1
    while 0 < position < len(head):
        line = head[position:].split(b"\n", 1)[0]
        text = decode_text(line).strip()
        if not text:
            return
        yield _make_text(text, position)
        position += len(line) + 1
    if len(head) < source.size:
        raise OversizedContainer(f"Radiance: the header has more than {len(head):,} bytes; the rest was not read")
    raise MalformedContainer("Radiance: the header has no end")


def _make_text(line: str, position: int) -> HeaderText:
    if line.startswith("#"):
        return HeaderText("Comment", line.lstrip("#").strip(), position)
    name, equals, value = line.partition("=")
    # A command may have an equals sign too, but no variable has a space in its name.
    if equals and " " not in name.strip():
        return HeaderText(name.strip(), value.strip(), position)
    return HeaderText("Command", line, position)
