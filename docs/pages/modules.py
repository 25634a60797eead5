"""Every module of the library and of the command line, package by package."""

from __future__ import annotations

from pathlib import Path

from docs import markdown, texts

_PACKAGES = ("provenance", "cli/provenance_cli")


def build_page() -> str:
    """The page, from the first sentence of every module."""
    folders: list[Path] = []
    for package in _PACKAGES:
        folders += _list_folders(texts.ROOT / package)
    return markdown.build_page(
        "Modules",
        "What each file is for, in its own words. How the packages fit together: [architecture](../architecture.md).",
        *map(_build_section, folders),
    )


def _list_folders(package: Path) -> list[Path]:
    return sorted({path.parent for path in package.rglob("*.py")})


def _shorten(path: Path) -> str:
    return path.relative_to(texts.ROOT).as_posix()


def _build_section(folder: Path) -> str:
    # `__init__.py` sorts first, and says what the package is for
    rows = map(_build_row, sorted(folder.glob("*.py")))
    return f"## {_shorten(folder)}\n\n" + markdown.format_table(("file", "what it is for"), rows)


def _build_row(file: Path) -> list[str]:
    return [_link_file(file), _describe(file)]


def _link_file(file: Path) -> str:
    return markdown.format_link(markdown.format_code(file.name), f"../../{_shorten(file)}")


def _describe(file: Path) -> str:
    first_paragraph = texts.read_module_docstring(file).split("\n\n")[0]
    return markdown.escape_prose(first_paragraph)
