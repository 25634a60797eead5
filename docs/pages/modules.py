"""Every module of the library and of the command line, room by room."""

from __future__ import annotations

from pathlib import Path

from docs import markdown, texts

_PACKAGES = ("provenance", "cli/provenance_cli")


def page() -> str:
    """The page; what it says of a module is the module's own first sentence."""
    rooms = [room for package in _PACKAGES for room in _rooms(texts.ROOT / package)]
    return markdown.page(
        "Modules",
        "What each file is for, in its own words. How they stand together: "
        "[architecture](../architecture.md). A room is a folder; nothing of one wing is imported by another.",
        *(f"## {_shown(room)}\n\n{_table(room)}" for room in rooms),
    )


def _rooms(package: Path) -> list[Path]:
    return sorted({path.parent for path in package.rglob("*.py")})


def _shown(path: Path) -> str:
    return path.relative_to(texts.ROOT).as_posix()


def _table(room: Path) -> str:
    files = [room / "__init__.py", *sorted(path for path in room.glob("*.py") if path.name != "__init__.py")]
    return markdown.table(("file", "what it is for"), ([_linked(file), _first(file)] for file in files))


def _linked(file: Path) -> str:
    return markdown.link(markdown.code(file.name), f"../../{_shown(file)}")


def _first(file: Path) -> str:
    return markdown.prose(texts.module_text(file).split("\n\n")[0])
