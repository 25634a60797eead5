"""Digests by the algorithms that lists of files use, several at once over one pass of the bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import xxhash

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_C4_DIGITS = 88


class _Hasher(Protocol):
    def update(self, data: Buffer, /) -> None: ...

    def digest(self) -> bytes: ...


def _md5() -> _Hasher:
    # Lists of the field use it against accidents of copying, not against attackers.
    return hashlib.md5(usedforsecurity=False)


def _sha1() -> _Hasher:
    return hashlib.sha1(usedforsecurity=False)


_MAKERS: dict[str, Callable[[], _Hasher]] = {
    "md5": _md5,
    "sha1": _sha1,
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "c4": hashlib.sha512,
    "xxh32": xxhash.xxh32,
    "xxh64": xxhash.xxh64,
    "xxh3": xxhash.xxh3_64,
    "xxh128": xxhash.xxh3_128,
}
COMPUTABLE = frozenset(_MAKERS)
"""Names of the algorithms."""


class FileHashes:
    """Digests of one file by several algorithms. Those that cannot be computed here are left out."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashers = {name: _MAKERS[name]() for name in sorted(set(algorithms) & COMPUTABLE)}

    def update(self, data: Buffer) -> None:
        """Take the next bytes."""
        for hasher in self._hashers.values():
            hasher.update(data)

    def format(self) -> tuple[str, ...]:
        """`md5:<hex>` for each algorithm, in order of their names; C4 in base 58, as its specification has it."""
        return tuple(f"{name}:{_format(name, hasher.digest())}" for name, hasher in self._hashers.items())


def _format(name: str, digest: bytes) -> str:
    return encode_c4(digest) if name == "c4" else digest.hex()


def encode_c4(digest: bytes) -> str:
    """A C4 ID (SMPTE ST 2114) of a SHA-512 digest."""
    number, text = int.from_bytes(digest, "big"), ""
    while number:
        number, digit = divmod(number, len(_BASE58))
        text = _BASE58[digit] + text
    return "c4" + text.rjust(_C4_DIGITS, _BASE58[0])


def parse_hashes(hashes: Sequence[str]) -> dict[str, str]:
    """`md5:<hex>` rows by algorithm."""
    return dict(row.split(":", 1) for row in hashes)
