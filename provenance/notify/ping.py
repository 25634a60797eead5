"""Signs of life for a monitor that raises an alarm when one is missing, as healthchecks.io does."""

from __future__ import annotations

from provenance.notify.address import Address
from provenance.notify.sign import Sign


def send(sign: Sign, line: str, address: Address) -> None:
    """One request with one line of figures. Raises `ProvenanceError` unless it was taken."""
    address.post(line.encode("utf-8", "replace"), "text/plain; charset=utf-8", sign.value)
