"""Signs of life for a monitor that raises an alarm when one is missing, as healthchecks.io does."""

from __future__ import annotations

import enum

from provenance.notify.address import Address


class Sign(enum.Enum):
    """A sign, and what it adds to the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


def send(sign: Sign, line: str, address: Address) -> None:
    """One request with one line of figures. Raises `ProvenanceError` unless it was taken."""
    address.post(line.encode("utf-8", "replace"), "text/plain; charset=utf-8", sign.value)
