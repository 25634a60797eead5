"""Modules of trackers (ProTracker MOD, Scream Tracker S3M, FastTracker XM, Impulse Tracker IT): their texts.

A module is a piece of music: patterns of notes, and the samples that play them. Musicians wrote greetings and credits
into the names of the samples, so these are read; the samples themselves are not.

Layouts, all little-endian but MOD:

- MOD: a name of 20 bytes, 31 samples of 30 bytes that begin with a name of 22, then patterns; letters at byte 1080.
- S3M: a name of 28 bytes, `SCRM` at 44, counts of orders, instruments and patterns from 32; from 96 the orders, then
  the places of the instruments in units of 16 bytes. An instrument has a file name at 1 and a name at 48.
- XM: `Extended Module: `, a name of 20 bytes at 17, the tracker's name of 20 at 38, the length of the header at 60. The
  patterns follow, then the instruments: length, name of 22 at 4, count of samples at 27; then its samples of 40 bytes,
  each with a name of 22 at 18, then their data.
- IT: `IMPM`, a name of 26 bytes at 4, counts of orders, instruments, samples and patterns from 32, length and place of
  the message at 54 and 56; from 192 the orders, then the places of instruments and samples. An instrument has a file
  name at 4 and a name at 32, a sample the same at 4 and 20.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from provenance.media import types
from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable, read_within
from provenance.media.text import decode_text

_MOST_NAMES = 2048
"""Instruments or samples of one module; the formats allow 31 to 256."""
_UNIT = 16
"""Bytes by which a Scream Tracker module counts places."""
_IT_MESSAGE = 1
"""Flag of an Impulse Tracker module with a message."""


def walk_texts(source: Readable, media_type: str) -> Iterator[HeaderText]:
    """Walk the name of the module, of its tracker, instruments and samples, and its message.

    Raises `MalformedContainer` behind the last readable one.
    """
    return _WALKERS[media_type](source)


def _make_text(source: Readable, key: str, offset: int, length: int) -> HeaderText:
    """The text of a field, which zeros or blanks fill up."""
    data = source.at(offset, length)
    if len(data) < length:
        raise MalformedContainer(f"module: the file ends inside the {key} at byte {offset}")
    return HeaderText(key, decode_text(data.replace(b"\0", b" ")).strip(), offset)


def _walk_mod(source: Readable) -> Iterator[HeaderText]:
    yield _make_text(source, "Title", 0, 20)
    for number in range(31):
        yield _make_text(source, "SampleName", 20 + 30 * number, 22)


def _walk_s3m(source: Readable) -> Iterator[HeaderText]:
    yield _make_text(source, "Title", 0, 28)
    orders, instruments = struct.unpack("<HH", _read_whole(source, 32, 4))
    places = _read_whole(source, 96 + orders, 2 * min(instruments, _MOST_NAMES))
    for (place,) in struct.iter_unpack("<H", places):
        yield _make_text(source, "SampleFileName", place * _UNIT + 1, 12)
        yield _make_text(source, "SampleName", place * _UNIT + 48, 28)


def _walk_xm(source: Readable) -> Iterator[HeaderText]:
    yield _make_text(source, "Title", 17, 20)
    yield _make_text(source, "Tracker", 38, 20)
    header_length = int.from_bytes(_read_whole(source, 60, 4), "little")
    patterns, instruments = struct.unpack("<HH", _read_whole(source, 70, 4))
    position = 60 + header_length
    for _ in range(patterns):
        length, data_length = struct.unpack("<I3xH", _read_whole(source, position, 9))
        position += length + data_length
    for _ in range(min(instruments, _MOST_NAMES)):
        length, samples = struct.unpack("<I23xH", _read_whole(source, position, 29))
        yield _make_text(source, "InstrumentName", position + 4, 22)
        position += length
        data_length = 0
        for _ in range(min(samples, _MOST_NAMES)):
            data_length += int.from_bytes(_read_whole(source, position, 4), "little")
            yield _make_text(source, "SampleName", position + 18, 22)
            position += 40
        position += data_length


def _walk_it(source: Readable) -> Iterator[HeaderText]:
    yield _make_text(source, "Title", 4, 26)
    orders, instruments, samples = struct.unpack("<HHH", _read_whole(source, 32, 6))
    special, length, offset = struct.unpack("<HHI", _read_whole(source, 46, 2) + _read_whole(source, 54, 6))
    if special & _IT_MESSAGE:
        message = read_within(source, offset, length).split(b"\0", 1)[0]
        yield HeaderText("Message", decode_text(message).replace("\r", "\n").strip(), offset)
    count = min(instruments + samples, _MOST_NAMES)
    places = struct.unpack(f"<{count}I", _read_whole(source, 192 + orders, 4 * count))
    for number, place in enumerate(places):
        kind, name_offset = ("Instrument", 32) if number < instruments else ("Sample", 20)
        yield _make_text(source, f"{kind}FileName", place + 4, 12)
        yield _make_text(source, f"{kind}Name", place + name_offset, 26)


def _read_whole(source: Readable, offset: int, length: int) -> bytes:
    data = read_within(source, offset, length)
    if len(data) < length:
        raise MalformedContainer(f"module: the file ends at byte {source.size}, inside its directory")
    return data


_WALKERS: dict[str, Callable[[Readable], Iterator[HeaderText]]] = {
    types.PROTRACKER: _walk_mod,
    types.SCREAM_TRACKER: _walk_s3m,
    types.XM: _walk_xm,
    types.IMPULSE_TRACKER: _walk_it,
}
MEDIA = frozenset(_WALKERS)
"""Media types of modules."""
