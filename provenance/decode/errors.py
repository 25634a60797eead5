"""How decoding reports pictures that could not be looked at."""

from __future__ import annotations

import re

from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

STAGE = "picture"
_LONGEST_DETAIL = 200
"""Characters of a detail: decoders may quote the file."""
_OBJECT = re.compile(r" ?<[\w.]+ object at 0x[0-9a-f]+>")
"""How Python writes an opened file. Its address is another one in every run, and says nothing to anybody."""


class DecodeError(Exception):
    """Pictures that exist and cannot be decoded. Becomes a Trouble."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause

    @property
    def trouble(self) -> Trouble:
        """The same as a value."""
        return Trouble("", STAGE, self.cause, str(self)[:_LONGEST_DETAIL])


def make_decode_error(error: Exception) -> DecodeError:
    """The error for damage on which a decoder failed."""
    detail = str(error)
    if isinstance(error, OSError) and error.strerror:
        # Without the number and the file name that `str` adds: PyAV names the stream object.
        detail = error.strerror
    return DecodeError(Cause.MALFORMED, f"cannot be decoded: {_OBJECT.sub('', detail)}")
