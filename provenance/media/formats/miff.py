"""MIFF (ImageMagick's own format): the fields of its header.

Layout: text of the form `name=value`, separated by white space; a value with spaces stands in braces. Comments in
braces may come anywhere. A colon and a Control-Z end the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

_END = b":\x1a"
_FIELD = re.compile(rb"([\w:.\-]+)=(?:\{((?:[^{}\\]|\\.)*)\}|(\S*))|\{([^}]*)\}")


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the fields and comments of the header.

    Raises `MalformedContainer` when the header has no end, `OversizedContainer` when it goes on too long.
    """
    head = source.at(0, source.limits.text)
    end = head.find(_END)
    for field in _FIELD.finditer(head, 0, len(head) if end < 0 else end):
        if field[4] is not None:
            yield HeaderText("Comment", decode_text(field[4]).strip(), field.start())
            continue
        value = field[3] if field[2] is None else field[2]
        yield HeaderText(decode_text(field[1]), decode_text(value).strip(), field.start())
    if end >= 0:
        return
    if len(head) < source.size:
        raise OversizedContainer(f"MIFF: the header has more than {len(head):,} bytes; the rest was not read")
    raise MalformedContainer("MIFF: the header has no end")
