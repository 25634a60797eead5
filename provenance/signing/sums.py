"""Lists of SHA-256 digests as `sha256sum` prints and checks them: a digest, two spaces and a name on each line."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(rb"(\\?)([0-9a-f]{64})  ([^\n]+)\n")


def render(digests: Mapping[bytes, str]) -> bytes:
    """The list, in the byte order of the names. A line break or a backslash in one is escaped as sha256sum does."""
    return b"".join(_render_line(name, digests[name]) for name in sorted(digests))


def parse(raw: bytes) -> dict[bytes, str]:
    """Digest by name. Raises `ValueError` for anything but a list as `render` writes it."""
    digests: dict[bytes, str] = {}
    for escaped, digest, name in _LINE.findall(raw):
        if escaped:
            name = _unescape(name)
        digests[name] = digest.decode("ascii")
    # A list in another order, with a name twice or with other lines in between was not written by this program.
    if render(digests) != raw:
        raise ValueError("not a list of digests in the order of the names")
    return digests


def _render_line(name: bytes, digest: str) -> bytes:
    escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
    mark = b"\\" if escaped != name else b""
    return mark + digest.encode("ascii") + b"  " + escaped + b"\n"


def _unescape(name: bytes) -> bytes:
    return re.sub(rb"\\([\\n])", lambda found: b"\n" if found[1] == b"n" else b"\\", name)
