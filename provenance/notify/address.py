"""Addresses on the web that are secrets: whoever knows one can post in the name of whom it was given to.

No message of the program quotes one; the name of the machine behind it is said.
"""

from __future__ import annotations

import re
import urllib.error
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from provenance import direct_http
from provenance.errors import ProvenanceError, UsageError
from provenance.secret_file import read_secret

_HERE = ("127.0.0.1", "::1", "localhost")
"""Machines to which an address may lead without encryption: this one."""
_PLAIN = re.compile(r"[!-~]{1,4096}")
"""What an address consists of: visible ASCII, which no line of HTTP reads otherwise."""
_ANSWER = 4096
"""Bytes that are read of an answer; nothing depends on them."""
SECONDS = 10.0
"""Seconds to wait for each step of a request."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be posted to. Its text is in no message and in no `repr`."""

    host: str
    _parts: SplitResult = field(repr=False)

    def post(self, body: bytes, media_type: str, suffix: str = "") -> None:
        """Send it there. `suffix` is added to the path: `/start`. Raises `ProvenanceError` unless it was taken."""
        parts = self._parts._replace(path=self._parts.path.rstrip("/") + suffix) if suffix else self._parts
        headers = {"Content-Type": media_type, "User-Agent": "provenance"}
        try:
            direct_http.post(urlunsplit(parts), body, headers, SECONDS, _ANSWER)
        except urllib.error.HTTPError as refusal:
            raise ProvenanceError(f"{self.host} answered with {refusal.code}") from None
        except direct_http.NO_ANSWER as fault:
            # `from None`, and no text of a fault that may quote the address.
            raise ProvenanceError(f"{self.host} did not answer: {_explain(fault)}") from None


def load_address(path: str | None, variable: str, value: str) -> Address | None:
    """The address in a file that only its owner may read, or in an environment variable, which wins.

    None when neither is named. Raises `UsageError` for a file that others may read, and for what is no address.
    """
    named = f"${variable}"
    if not value and path is None:
        return None
    if not value and path is not None:
        named = path
        raw = read_secret(path, "write the address into it, and: chmod 600", "get a new address")
        value = raw.decode("ascii", "replace").strip()
    return parse_address(value, named)


def parse_address(text: str, named: str) -> Address:
    """Check an address; `named` says in messages where it stands, because they never quote it."""
    hint = "write the one address into it, beginning with https://"
    if not _PLAIN.fullmatch(text):
        raise UsageError(f"{named} does not hold one address", hint)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{named} does not hold an address", hint) from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise UsageError(f"{named} does not hold an address of the web", hint)
    if parts.scheme == "http" and host not in _HERE:
        raise UsageError(f"{named} leads to {host} without encryption, and the address is a secret", hint)
    return Address(host, parts)


def _explain(fault: BaseException) -> str:
    """Why there was no answer, in words that do not come from the address."""
    reason = fault.reason if isinstance(fault, urllib.error.URLError) else fault
    if isinstance(reason, TimeoutError):
        return f"not within {SECONDS:.0f} seconds"
    verdict = getattr(reason, "verify_message", "")
    if verdict:
        return f"its certificate is not valid: {verdict}"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return type(reason).__name__
