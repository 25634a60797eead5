"""References as cuts write them -> names to look up. Nothing here touches a file system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from provenance.timeline.interface import SourceNames

__all__ = ["get_file_name", "is_path", "name_source", "read_reference", "read_umid", "read_uuid"]

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(?!\\)", re.IGNORECASE)
"""Of a URL; one letter before the colon is a Windows drive."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_UMID_DIGITS = 64


def name_source(
    *,
    clips: Iterable[str | None] = (),
    files: Iterable[str | None] = (),
    references: Iterable[str | None] = (),
    reels: Iterable[str | None] = (),
    umids: Iterable[str | None] = (),
) -> SourceNames:
    """Everything that a cut calls a source; empty names and those that come again are left out.

    `references`: URLs and paths as the cut writes them; their last parts are names of files as well.
    """
    paths = _keep_once(map(read_reference, _keep_once(references)))
    file_names = _keep_once([*files, *map(get_file_name, paths)])
    clip_names, reel_names = _keep_once(clips), _keep_once(reels)
    return SourceNames(
        shown=next(iter([*clip_names, *file_names, *reel_names]), ""),
        umids=_keep_once(umids),
        paths=paths,
        file_names=file_names,
        clip_names=clip_names,
        reels=reel_names,
    )


def _keep_once(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def read_reference(text: str) -> str:
    """The path of a `file:` URL, of another URL, or a path as it stands; with slashes, percent signs decoded.

    `file://localhost/Volumes/a%20b.mov` is `/Volumes/a b.mov`, `file:///C%3a/x.mov` is `C:/x.mov`, and
    `file://server/share/x.mov` is `//server/share/x.mov`.
    """
    text = text.strip()
    match = _SCHEME.match(text)
    if match is None:
        return text.replace("\\", "/")
    rest = text[match.end() :]
    if match[1].lower() != "file":
        return unquote(text)
    host = ""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        rest = slash + path
    path = unquote(rest).replace("\\", "/")
    if re.match(r"/[A-Za-z]:/", path):
        path = path[1:]
    if host.lower() in ("", "localhost"):
        return path
    return f"//{unquote(host)}{path}"


def is_path(name: str) -> bool:
    """Whether a name has folders before it."""
    return "/" in name or "\\" in name


def get_file_name(path: str) -> str:
    """The last part of a path."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def read_uuid(text: str) -> str | None:
    """The first UUID of a text in lower case: of `urn:uuid:…`, `{…}`, or bare."""
    match = _UUID.search(text)
    return match[0].lower() if match else None


def read_umid(text: str) -> str | None:
    """A UMID (SMPTE ST 330) as 64 lower-case hex digits, however it is punctuated."""
    digits = re.sub(r"urn:smpte:umid:|[^0-9A-Fa-f]", "", text).lower()
    return digits if len(digits) == _UMID_DIGITS else None
