"""How much of anything one file may cost. One frozen value travels from the settings to every worker."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one look at one file. Reaching one is told as a Trouble with cause `oversized` or `slow`."""

    whole_file: int = 8 * MIB
    """Files up to this many bytes are read at once and parsed in memory."""
    block: int = 1 * MIB
    """Bytes read at a time from larger files."""
    text: int = 4 * MIB
    """Characters kept of one statement; generation graphs of several MB are real."""
    inflated: int = 16 * MIB
    """Bytes that one compressed chunk may grow to."""
    packet: int = 16 * MIB
    """Bytes of one metadata block (an XMP packet, an EXIF block, a box)."""
    chunks: int = 100_000
    """Chunks, boxes or segments walked in one file."""
    depth: int = 32
    """Boxes within boxes, elements within elements."""
    nesting: int = 5
    """Files within files within files."""
    children: int = 5_000
    """Things looked at inside one file, at any depth."""
    child: int = 256 * MIB
    """Bytes of one thing inside a file, unpacked."""
    unpacked: int = 1 * GIB
    """Bytes of everything that is unpacked out of one file."""
    ratio: int = 200
    """How many times larger than packed a thing may become."""
    statements: int = 20_000
    """Statements kept of one file."""
    pixels: int = 400_000_000
    """Pixels of a picture that is decoded (for thumbnails); headers of larger ones are still read."""
    watermark_pixels: int = 64_000_000
    """Pixels decoded of a picture in the search for marks in them; larger ones are said to be not searched."""
    c2pa_buffered: int = 512 * MIB
    """Largest JPEG, PNG, TIFF … handed to the C2PA library, which holds these formats whole in memory."""
    worker_memory: int = 3 * GIB
    """Address space of one worker process, to which that for known material is added."""
    base_seconds: float = 30.0
    """Time allowed for any file, to which `bytes / bytes_per_second` is added."""
    bytes_per_second: int = 20 * MIB
    """Slowest storage that is still waited for."""

    decoded_bytes_per_second: int = 64 * KIB
    """Slowest pace at which a moving picture is still decoded: half of that of a film at 1 Mbit/s."""
    decode_seconds: int = 12 * 3600
    """Longest time allowed for decoding anything."""

    def seconds_to_decode(self, size: int) -> float:
        """Deadline in seconds for a file of `size` bytes whose pictures are decoded."""
        return max(self.seconds_for(size), min(self.base_seconds + size / self.decoded_bytes_per_second,
                                               self.decode_seconds))  # fmt: skip

    def seconds_for(self, size: int) -> float:
        """Deadline in seconds for a file of `size` bytes."""
        return self.base_seconds + size / self.bytes_per_second


DEFAULT = Limits()
