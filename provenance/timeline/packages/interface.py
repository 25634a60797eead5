"""What a list of files says, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file that a list names."""

    path: str
    """As written, relative to the folder that the list describes, with slashes."""
    size: int | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """By algorithm: lower-case hex digits, but `c4` in base 58."""
    id: str = ""
    """UUID of the file in its package."""


@dataclass(frozen=True, slots=True)
class FileList:
    """One list."""

    kind: str
    """`asset-map`, `packing-list`, `mhl`, `asc-mhl`, `asc-mhl-chain`."""
    files: tuple[ListedFile, ...] = ()
    id: str = ""
    """UUID of the list itself."""
    packing_lists: tuple[str, ...] = ()
    """Of an asset map: UUIDs of its packing lists."""
    ignored: tuple[str, ...] = ()
    """Of an ASC MHL: patterns of files that it leaves out on purpose."""
    manifests: tuple[ListedFile, ...] = ()
    """Of an ASC MHL: the newest manifests of folders inside that have a history of their own."""
