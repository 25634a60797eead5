"""Maker notes: the EXIF tag in which cameras keep what they write for themselves. Only its form is checked.

Nearly all notes are directories like those of TIFF, behind a signature of their maker: a count of two bytes, then as
many entries of twelve. No value is read: the structure already shows who built the note. Layouts are those that
ExifTool and ExifRead document.
"""

from __future__ import annotations

import struct

_SIGNATURES = (
    (b"Apple iOS\0", "Apple", 14),
    (b"AOC\0", "Pentax", 6),
    (b"CAMER\0", "Olympus", 8),
    (b"DCI\0", "Casio", 6),
    (b"EPSON\0", "Epson", 8),
    (b"FOVEON\0\0", "Sigma", 10),
    (b"FUJIFILM\x0c\0\0\0", "Fujifilm", 12),
    (b"GE\0\0", "General Imaging", 18),
    (b"HUAWEI\0\0", "Huawei", 16),
    (b"KYOCERA", "Kyocera", 22),
    (b"LEICA CAMERA AG\0", "Leica", 18),
    (b"LEICA", "Leica", 8),
    (b"MOT\0", "Motorola", 8),
    (b"Nikon\0\x01", "Nikon", 8),
    (b"Nikon\0\x02", "Nikon", 18),
    (b"OLYMPUS\0", "Olympus", 12),
    (b"OLYMP\0", "Olympus", 8),
    (b"OM SYSTEM\0\0\0", "Olympus", 16),
    (b"PENTAX \0", "Pentax", 10),
    (b"Panasonic\0\0\0", "Panasonic", 12),
    (b"QVC\0", "Casio", 6),
    (b"RICOH\0", "Ricoh", 8),
    (b"Ricoh", "Ricoh", 8),
    (b"SANYO\0", "Sanyo", 8),
    (b"SIGMA\0\0\0", "Sigma", 10),
    (b"SONY CAM \0\0\0", "Sony", 12),
    (b"SONY DSC \0\0\0", "Sony", 12),
    (b"SONY MOBILE", "Sony", 12),
    (b"SONY PI\0", "Sony", 12),
    (b"VHAB     \0\0\0", "Hasselblad", 12),
)
"""How a note begins, who writes it so, and the offset of its directory."""
_WITHOUT_SIGNATURE = {
    "asahi": "Pentax", "canon": "Canon", "casio": "Casio", "dji": "DJI", "hasselblad": "Hasselblad",
    "konica": "Konica Minolta", "leica": "Leica", "minolta": "Minolta", "nikon": "Nikon", "nintendo": "Nintendo",
    "panasonic": "Panasonic", "pentax": "Pentax", "samsung": "Samsung", "sony": "Sony",
}  # fmt: skip
"""Makers, by the first word of the tag Make, some of whose notes are a directory and nothing else."""
_ENTRY_SIZE = 12
"""Bytes of an entry."""
_KINDS = range(1, 14)
"""Types of values that TIFF 6.0 has."""
_FEWEST_ENTRIES = 2
_MOST_ENTRIES = 1000
_MOST_VALUES = 1 << 26
"""Values that one entry may count; no camera writes more."""
_SOUND_TENTHS = 9
"""Tenths of the entries that have to have a known type and a possible count."""


def identify_maker(note: bytes, make: str) -> str | None:
    """Identify who built a maker note, None when it has no known form. `make` is the maker that the file names."""
    for signature, maker, start in _SIGNATURES:
        if note.startswith(signature):
            return maker if _is_directory(note, start) else None
    words = make.casefold().split(maxsplit=1)
    if not words or words[0] not in _WITHOUT_SIGNATURE:
        return None
    if not _is_directory(note, 0):
        return None
    return _WITHOUT_SIGNATURE[words[0]]


def _is_directory(note: bytes, start: int) -> bool:
    """Whether there is a whole directory at `start`, in either byte order."""
    # Makers keep to their own byte order, whatever that of the file is.
    return _is_directory_in_order(note, start, "<") or _is_directory_in_order(note, start, ">")


def _is_directory_in_order(note: bytes, start: int, order: str) -> bool:
    if start + 2 > len(note):
        return False
    count: int = struct.unpack_from(f"{order}H", note, start)[0]
    end = start + 2 + count * _ENTRY_SIZE
    if not _FEWEST_ENTRIES <= count <= _MOST_ENTRIES or end > len(note):
        return False
    sound_entries = 0
    # Tag, type, count of values; the value itself is passed over.
    for _, kind, value_count in struct.iter_unpack(f"{order}HHI4x", note[start + 2 : end]):
        if kind in _KINDS and value_count <= _MOST_VALUES:
            sound_entries += 1
    return sound_entries * 10 >= count * _SOUND_TENTHS
