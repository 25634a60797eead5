"""Asks a time-stamp authority over HTTP: the only place in the program that uses a network, and only when asked to."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request

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
    request = urllib.request.Request(address, query, headers, method="POST")  # noqa: S310 - checked above
    # Only these handlers: no redirection, no proxy out of the environment, no other protocol.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            raw: bytes = answer.read(timestamp.MAX_SIZE)
    except urllib.error.HTTPError as refusal:
        # The error is the answer itself, with an open connection.
        refusal.close()
        raise ProvenanceError(f"the time-stamp authority {address} answered with {refusal.code}", _HINT) from refusal
    except (OSError, ValueError, http.client.HTTPException) as fault:
        raise ProvenanceError(f"the time-stamp authority {address} did not answer: {fault}", _HINT) from fault
    return raw
