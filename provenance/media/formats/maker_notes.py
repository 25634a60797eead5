"""Maker notes: what cameras write for themselves. Nearly all are directories like TIFF's, behind a mark of their maker.

Only the form is checked, not one value is read: who built the note shows in how it is built. Layouts after those that
ExifTool and ExifRead document.
"""

from __future__ import annotations

import struct

_MARKS = (
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
"""How a note begins, who writes it so, and where its directory stands."""
_UNMARKED = {
    "asahi": "Pentax", "canon": "Canon", "casio": "Casio", "dji": "DJI", "hasselblad": "Hasselblad",
    "konica": "Konica Minolta", "leica": "Leica", "minolta": "Minolta", "nikon": "Nikon", "nintendo": "Nintendo",
    "panasonic": "Panasonic", "pentax": "Pentax", "samsung": "Samsung", "sony": "Sony",
}  # fmt: skip
"""Makers, by the first word of the tag Make, some of whose notes are a directory and nothing else."""
_KINDS = range(1, 14)
_FEWEST, _MOST = 2, 1000
_LARGEST = 1 << 26
"""Values that one field may count; more is no camera's doing."""


def identify_maker(note: bytes, make: str) -> str | None:
    """Who built a maker note, None where it is nobody's known form. `make` is what the file names as its maker."""
    for mark, name, start in _MARKS:
        if note.startswith(mark):
            return name if _is_directory(note, start) else None
    word = make.casefold().split(maxsplit=1)
    name = _UNMARKED.get(word[0], "") if word else ""
    return name if name and _is_directory(note, 0) else None


def _is_directory(note: bytes, start: int) -> bool:
    """Whether a directory of fields stands there whole, in either byte order: makers keep to their own."""
    return any(_fits(note, start, order) for order in "<>")


def _fits(note: bytes, start: int, order: str) -> bool:
    if start + 2 > len(note):
        return False
    count: int = struct.unpack_from(f"{order}H", note, start)[0]
    end = start + 2 + count * 12
    if not _FEWEST <= count <= _MOST or end > len(note):
        return False
    rows = struct.iter_unpack(f"{order}HHI4x", note[start + 2 : end])
    sound = [tag for tag, kind, number in rows if kind in _KINDS and number <= _LARGEST]
    return len(sound) * 10 >= count * 9
