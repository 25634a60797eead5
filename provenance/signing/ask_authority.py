"""Asks a time-stamp authority over HTTP, only when somebody asked for a time stamp."""

from __future__ import annotations

import urllib.error

from provenance import direct_http
from provenance.errors import ProvenanceError, UsageError
from provenance.signing import timestamp

_SECONDS = 30.0
"""Seconds to wait for the authority."""
_HINT = "try again, or fetch a reply with openssl ts and name its file with --timestamp"
_SCHEMES = ("http://", "https://")


def is_address(text: str) -> bool:
    """Whether a text names an authority on the network, and not a file."""
    return text.startswith(_SCHEMES)


def ask(address: str, content: bytes) -> bytes:
    """The reply of an authority for some content, of which it is sent the SHA-256 alone.

    Raises `ProvenanceError` when it does not answer, or with anything but a time stamp on this content.
    """
    raw = post(address, timestamp.make_query(content))
    try:
        is_right = timestamp.parse_reply(raw).is_of(content)
    except ValueError as error:
        raise ProvenanceError(f"the time-stamp authority {address} gave no time stamp: {error}", _HINT) from error
    if not is_right:
        raise ProvenanceError(f"the time-stamp authority {address} stamped something else", _HINT)
    return raw


def post(address: str, query: bytes) -> bytes:
    """What an authority answers to a query. Raises as `ask` does when it does not answer."""
    if not is_address(address):
        raise UsageError(
            f"{address} is not the address of a time-stamp authority", "give one that begins with https://"
        )
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        raw = direct_http.post(address, query, headers, _SECONDS, timestamp.MAX_SIZE)
    except urllib.error.HTTPError as refusal:
        raise ProvenanceError(f"the time-stamp authority {address} answered with {refusal.code}", _HINT) from refusal
    except direct_http.NO_ANSWER as fault:
        raise ProvenanceError(f"the time-stamp authority {address} did not answer: {fault}", _HINT) from fault
    return raw
