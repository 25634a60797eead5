"""ICC colour profiles (ISO 15076-1): how they are recognised. They are not read further.

Layout, big-endian: a header of 128 bytes that begins with the length of the profile; the version is at byte 8, the
class of the device at 12, the signature `acsp` at 36. A table of tags and their data follow.
"""

from __future__ import annotations

from collections.abc import Callable

_HEADER = 128
_SIGNATURE = b"acsp"
_CLASSES = (b"scnr", b"mntr", b"prtr", b"link", b"spac", b"abst", b"nmcl", b"cenc", b"mid ", b"mlnk", b"mvis")
"""Input, display, output, device link, colour space, abstract, named colour; the last four are of iccMAX."""
_VERSIONS = range(2, 6)
_PADDING = 4
"""Bytes that may follow a profile: its length is rounded up by some writers."""


def is_profile(read_at: Callable[[int, int], bytes]) -> bool:
    """Whether a file is a profile and nothing more: a file that goes on behind it is something else."""
    head = read_at(0, _HEADER)
    length = int.from_bytes(head[:4], "big")
    is_header = head[36:40] == _SIGNATURE and head[12:16] in _CLASSES and head[8] in _VERSIONS
    return is_header and length > _HEADER and not read_at(length + _PADDING, 1)
