"""Standard MIDI files (RP-001): the texts in their tracks, in files of their own and in RIFF (`RMID`).

Layout, big-endian: chunks of four letters, a length and data: one `MThd`, then an `MTrk` for each track. A track is
events: a time, then a status byte and its data. Numbers of a variable length have seven bits a byte. A meta event is
0xFF, a kind, a length and data; the kinds 1 to 15 are texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from provenance.media.formats import riff
from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.text import decode_text

_TEXTS = {
    1: "Text", 2: "Copyright", 3: "TrackName", 4: "InstrumentName", 5: "Lyric", 6: "Marker", 7: "CuePoint",
    8: "ProgramName", 9: "DeviceName",
}  # fmt: skip
"""Kinds of meta events that are texts; 10 to 15 are reserved for further ones."""
_META = 0xFF
_SYSTEM_EXCLUSIVE = (0xF0, 0xF7)
_ONE_DATA_BYTE = (0xC0, 0xD0)
"""Program change and channel pressure; the other channel messages have two."""
_LONGEST_NUMBER = 4
"""Bytes of a number of variable length."""


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the texts of every track, lyrics one syllable each.

    Raises `MalformedContainer` behind the last readable one, `OversizedContainer` beyond `limits.chunks` chunks.
    """
    start = _find_beginning(source)
    position = start
    damage = ""
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        if len(head) < 8 or not head[:4].isalnum():
            break
        length = int.from_bytes(head[4:], "big")
        if head[:4] == b"MTrk":
            track = Block(read_within(source, position + 8, length), source.limits)
            try:
                yield from _walk_track(track, position + 8)
            except MalformedContainer as fault:
                damage = damage or str(fault)
        if position + 8 + length > source.size:
            damage = damage or f"MIDI: the file ends inside the chunk at byte {position}"
        position += 8 + length
    else:
        raise OversizedContainer(f"MIDI: more than {source.limits.chunks:,} chunks")
    if damage:
        raise MalformedContainer(damage)


def _find_beginning(source: Readable) -> int:
    """Offset of the `MThd` chunk: in RIFF it is the content of the `data` chunk."""
    if source.at(0, 4) != b"RIFF":
        return 0
    for chunk in riff.walk_chunks(source):
        if chunk.kind == "data":
            return chunk.offset
    raise MalformedContainer("MIDI: no data chunk")


def _walk_track(track: Block, start: int) -> Iterator[HeaderText]:
    position = 0
    status = 0
    while position < track.size:
        _, position = _read_number(track, position, start)
        byte = _read_byte(track, position, start)
        # Without a status byte the last one goes on.
        if byte & 0x80:
            status = byte
            position += 1
        if status == _META:
            kind = _read_byte(track, position, start)
            length, position = _read_number(track, position + 1, start)
            if kind in range(1, 16):
                text = decode_text(track.at(position, length))
                yield HeaderText(_TEXTS.get(kind, "Text"), text, start + position)
            position += length
        elif status in _SYSTEM_EXCLUSIVE:
            length, position = _read_number(track, position, start)
            position += length
        elif status >= 0x80:
            position += 1 if status & 0xF0 in _ONE_DATA_BYTE else 2
        else:
            raise MalformedContainer(f"MIDI: no event at byte {start + position}")


def _read_byte(track: Block, position: int, start: int) -> int:
    data = track.at(position, 1)
    if not data:
        raise MalformedContainer(f"MIDI: the track ends inside an event at byte {start + position}")
    return data[0]


def _read_number(track: Block, position: int, start: int) -> tuple[int, int]:
    """A number of variable length, and the position behind it."""
    number = 0
    for index in range(_LONGEST_NUMBER):
        byte = _read_byte(track, position + index, start)
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            return number, position + index + 1
    raise MalformedContainer(f"MIDI: no number at byte {start + position}")
