"""DPX (SMPTE ST 268): texts and numbers of its fixed header.

Layout: `SDPX` (big-endian) or `XPDS` (little-endian), then fields at fixed offsets: file information from byte 0, image
information from 768, orientation from 1408, film from 1664, television from 1920, user data from 2048. Texts are ASCII
and end with a zero; fields that were not filled in have all bits set.
"""

from __future__ import annotations

import struct

from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text, is_printable

TEXT_FIELDS = {
    "FileName": (36, 100), "CreationDate": (136, 24), "Creator": (160, 100), "Project": (260, 200),
    "Copyright": (460, 200), "SourceFileName": (1432, 100), "SourceDate": (1532, 24), "InputDevice": (1556, 32),
    "InputSerial": (1588, 32), "Format": (1680, 32), "FrameId": (1732, 32), "SlateInfo": (1764, 100),
    "UserId": (2048, 32),
}  # fmt: skip
"""Offset and length of every text field."""
_PICTURE_START = 4
_USER_LENGTH = 32
_USER_SECTION = 2048
USER_DATA = 2080
"""Offset of the user data: behind the identification of the user."""
_WIDTH = 772
_HEIGHT = 776
_TRANSFER = 801
_FRAME_RATES = (1724, 1940)
"""Of the film header and of the television header."""
_TIMECODE = 1920
_HEADER_LENGTH = 2080
"""Bytes up to the end of the last field that is read."""
_SHORTEST_HEADER = 780
"""Bytes up to the end of width and height."""
_MOST_FRAMES_A_SECOND = 10_000
"""A larger rate is damage."""
_DENSITY_TRANSFERS = (b"\x01", b"\x03")
"""Transfer characteristics: printing density, and logarithmic."""
_UNDEFINED = 0xFFFFFFFF


class DpxHeader:
    """One header, read once. Raises `MalformedContainer` when the file ends before its width and height."""

    def __init__(self, source: Readable) -> None:
        self._data = source.at(0, _HEADER_LENGTH)
        if self._data[:4] not in (b"SDPX", b"XPDS") or len(self._data) < _SHORTEST_HEADER:
            raise MalformedContainer("DPX: the header is missing or cut")
        self._order = ">" if self._data[:1] == b"S" else "<"

    def _read_number(self, offset: int) -> int | None:
        """The 32-bit number at `offset`; None when the field was not filled in."""
        data = self._data[offset : offset + 4]
        if len(data) < 4:
            return None
        (value,) = struct.unpack(f"{self._order}I", data)
        # SMPTE ST 268: all bits set means that the field was left undefined.
        if value == _UNDEFINED:
            return None
        return int(value)

    def read_text(self, name: str) -> str:
        """Read the text field of that name (a key of `TEXT_FIELDS`); empty when it was not filled in."""
        offset, length = TEXT_FIELDS[name]
        data = self._data[offset : offset + length].split(b"\0", 1)[0]
        # Undefined bytes are 0xFF: a whole field of them, or the rest behind a text that no zero ends.
        text = decode_text(data.rstrip(b"\xff"))
        if not is_printable(text):
            return ""
        return text.strip()

    @property
    def user_data_end(self) -> int:
        """Offset behind the user data, which begins at `USER_DATA`."""
        length = self._read_number(_USER_LENGTH) or 0
        picture_start = self._read_number(_PICTURE_START) or 0
        # Some writers leave the length undefined; the data then go on to the picture.
        return max(_USER_SECTION + length, picture_start)

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Width and height in pixels; None for a field that was not filled in."""
        return self._read_number(_WIDTH), self._read_number(_HEIGHT)

    @property
    def frame_rate(self) -> float | None:
        """Frames a second, from the film header or else the television header."""
        for offset in _FRAME_RATES:
            data = self._data[offset : offset + 4]
            if len(data) < 4:
                continue
            (rate,) = struct.unpack(f"{self._order}f", data)
            # An undefined rate is not a number, so this comparison fails for it.
            if 0 < rate < _MOST_FRAMES_A_SECOND:
                return float(rate)
        return None

    @property
    def has_printing_density(self) -> bool:
        """Whether the code values are printing densities or logarithmic, instead of linear or video levels."""
        return self._data[_TRANSFER : _TRANSFER + 1] in _DENSITY_TRANSFERS

    @property
    def timecode(self) -> int | None:
        """SMPTE ST 12 timecode: eight digits of four bits each. None when it was not filled in."""
        return self._read_number(_TIMECODE)
