"""Upper bounds for the memory and time that one file may cost. Workers receive them as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.units import format_bytes

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for reading one file. A file that reaches one gets a Trouble with cause `oversized` or `slow`."""

    whole_file: int = 8 * MIB
    """Bytes up to which a file is read at once and parsed in memory."""
    block: int = 1 * MIB
    """Bytes read at a time from larger files."""
    text: int = 4 * MIB
    """Characters kept of one statement; real generation graphs have several MB."""
    inflated: int = 16 * MIB
    """Bytes that one compressed chunk may grow to."""
    packet: int = 16 * MIB
    """Bytes of one metadata block (an XMP packet, an EXIF block, a box)."""
    cut_list: int = 96 * MIB
    """Bytes of a cut list; 30,000 clips take 11 MB as plain FCP 7 XML, and effects on them several times that."""
    table_file: int = 16 * MIB
    """Bytes of a table of the register (TOML, CSV, workbook), and of one part of a workbook, unpacked."""
    table_unpacked: int = 64 * MIB
    """Bytes of all parts of a workbook, unpacked."""
    table_rows: int = 100_000
    """Rows of one table."""
    table_columns: int = 64
    """Columns of one table."""
    chunks: int = 100_000
    """Chunks, boxes or segments visited in one file."""
    depth: int = 32
    """Levels of boxes within boxes, or elements within elements."""
    nesting: int = 5
    """Levels of files within files."""
    children: int = 5_000
    """Embedded files read in one file, at any depth."""
    child: int = 256 * MIB
    """Bytes of one embedded file, unpacked."""
    unpacked: int = 1 * GIB
    """Bytes of everything that is unpacked out of one file."""
    ratio: int = 200
    """How many times larger than packed an embedded file may become."""
    statements: int = 20_000
    """Statements kept of one file."""
    pixels: int = 400_000_000
    """Pixels of a picture that is decoded (for thumbnails); headers of larger ones are still read."""
    watermark_pixels: int = 64_000_000
    """Pixels of a picture that is searched for marks in the samples; a larger one is reported as not searched."""
    c2pa_buffered: int = 512 * MIB
    """Bytes of the largest JPEG, PNG, TIFF … given to the C2PA library, which loads these formats into memory."""
    worker_memory: int = 3 * GIB
    """Bytes of address space of one worker process; the size of the search index is added."""
    base_seconds: float = 30.0
    """Seconds allowed for any file; `size / bytes_per_second` is added."""
    bytes_per_second: int = 20 * MIB
    """Bytes a second of the slowest storage that a run waits for."""
    decoded_bytes_per_second: int = 64 * KIB
    """Bytes a second below which decoding a movie is given up: half the data rate of a movie with 1 Mbit/s."""
    seconds_per_movie_second: int = 10
    """Seconds allowed for searching each second of a movie of few bytes: a tenth of the speed at which it plays."""
    decode_seconds: int = 12 * 3600
    """Seconds allowed for decoding any file, however large."""

    def compute_decode_deadline(self, size: int, seconds: float = 0.0) -> float:
        """Deadline in seconds for a file of `size` bytes whose pictures are decoded; `seconds`: of a movie in it."""
        # A movie in which little moves has few bytes and as many pictures as any other.
        to_decode = max(size / self.decoded_bytes_per_second, seconds * self.seconds_per_movie_second)
        # Never less than the time for reading alone, which has no upper bound.
        return max(self.compute_read_deadline(size), min(self.base_seconds + to_decode, self.decode_seconds))

    def compute_read_deadline(self, size: int) -> float:
        """Deadline in seconds for a file of `size` bytes that is read without decoding."""
        return self.base_seconds + size / self.bytes_per_second

    def describe_slowness(self, first: float, second: float) -> str:
        """Why a file was given up that was not done by either deadline, in seconds, and which settings raise them."""
        setting = f"base_seconds (now {self.base_seconds:g})"
        if first >= self.decode_seconds:
            setting = f"decode_seconds (now {self.decode_seconds})"
        times = f"not done within {first:.0f} s, nor within {second:.0f} s when it was tried again alone"
        return f"{times}; if the machine is busy, raise {setting} under [limits] or use fewer --jobs"

    def describe_shortage(self) -> str:
        """Why a file was given up that needs too much memory, and which setting allows more."""
        most = f"{format_bytes(self.worker_memory)} that a worker may use"
        return f"needs more memory than the {most}; raise worker_memory (now {self.worker_memory}) under [limits]"


DEFAULT = Limits()
