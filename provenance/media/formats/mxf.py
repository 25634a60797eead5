"""What the header of an MXF file (SMPTE ST 377-1) says of its essence."""

from __future__ import annotations

import re

from provenance.media.readable import Readable

_HEADER_BYTES = 65_536
"""The header partition and its metadata begin within the run-in, which is shorter than this."""
_ENCRYPTED = re.compile(rb"\x06\x0e\x2b\x34\x04\x01\x01.\x0d\x01\x03\x01\x02\x0b\x01\x00", re.DOTALL)
"""Label of the encrypted essence container (SMPTE ST 429-6); the eighth byte is a version."""


def is_encrypted(source: Readable) -> bool:
    """Whether the picture or sound of an MXF file is encrypted, as in a digital cinema package."""
    return bool(_ENCRYPTED.search(source.at(0, _HEADER_BYTES)))
