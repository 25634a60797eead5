"""One HTTP request to the very address that somebody named: no redirection, no proxy, no other protocol."""

from __future__ import annotations

import http.client
from collections.abc import Mapping


def post(address: str, body: bytes, headers: Mapping[str, str], seconds: float, limit: int) -> bytes:
    """What is answered to a POST, at most `limit` bytes. `address` begins with `http://` or `https://`.

    Raises `urllib.error.HTTPError` for an answer that is no success (a redirection is none), `OSError`, `ValueError`
    or `http.client.HTTPException` when there is no answer. `seconds`: to wait for each step. Certificates are verified.
    """
    # Here, because a night that tells nobody needs none of it, and importing it takes longer than to open a catalogue.
    import urllib.error
    import urllib.request

    request = urllib.request.Request(address, body, dict(headers), method="POST")  # noqa: S310 - checked by the caller
    # Only these handlers: the usual opener follows redirections, and takes proxies out of the environment.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    try:
        with opener.open(request, timeout=seconds) as answer:
            raw: bytes = answer.read(limit)
    except urllib.error.HTTPError as refusal:
        # The error is the answer itself, with an open connection.
        refusal.close()
        raise
    return raw


NO_ANSWER = (OSError, ValueError, http.client.HTTPException)
"""What `post` raises when there is no answer; `urllib.error.HTTPError` is an `OSError` as well."""
