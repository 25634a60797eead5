"""Why pictures could not be looked at."""

from __future__ import annotations

from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

STAGE = "picture"


class DecodeError(Exception):
    """Pictures that are there and cannot be shown. Becomes a Trouble."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause

    @property
    def trouble(self) -> Trouble:
        """The same as a value."""
        return Trouble("", STAGE, self.cause, str(self)[:200])


def decode_error(error: Exception) -> DecodeError:
    """What there is to say of damage that a decoder met."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DecodeError(Cause.MALFORMED, f"cannot be decoded: {said}")
