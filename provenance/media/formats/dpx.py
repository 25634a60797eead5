"""DPX (SMPTE 268M): the texts and numbers of its fixed header."""

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
_TIMECODE, _RATES = 1920, (1724, 1940)
_HEADER = 2080


class DpxHeader:
    """One header, read once. Raises `MalformedContainer` when the file is shorter than the generic part of it."""

    def __init__(self, source: Readable) -> None:
        self._data = source.at(0, _HEADER)
        if self._data[:4] not in (b"SDPX", b"XPDS") or len(self._data) < 768 + 12:
            raise MalformedContainer("DPX: no header, or a cut one")
        self._order = ">" if self._data[:1] == b"S" else "<"

    def number(self, offset: int) -> int | None:
        """The 32-bit number at `offset`; None where nothing was written."""
        data = self._data[offset : offset + 4]
        value = int.from_bytes(data, "big" if self._order == ">" else "little")
        # SMPTE ST 268: all bits set means that the field was left undefined.
        is_undefined = len(data) < 4 or value == 0xFFFFFFFF
        return None if is_undefined else value

    def read_text(self, name: str) -> str:
        """The text field of that name, empty where nothing was written."""
        offset, length = TEXT_FIELDS[name]
        text = decode_text(self._data[offset : offset + length].split(b"\0", 1)[0].rstrip(b"\xff"))
        return text.strip() if is_printable(text) else ""

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Width and height in pixels."""
        return self.number(772), self.number(776)

    @property
    def frame_rate(self) -> float | None:
        """Frames a second, as the film or the television header says."""
        for offset in _RATES:
            data = self._data[offset : offset + 4]
            if len(data) == 4 and 0 < (rate := struct.unpack(f"{self._order}f", data)[0]) < 1e4:
                return float(rate)
        return None

    @property
    def has_printing_density(self) -> bool:
        """Whether its codes are printing densities, or logarithmic."""
        return self._data[801:802] in (b"\x01", b"\x03")

    @property
    def timecode(self) -> int | None:
        """SMPTE digits, packed."""
        return self.number(_TIMECODE)
