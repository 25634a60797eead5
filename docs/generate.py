"""Generates the reference from the code: `python -m docs.generate`; with `--check` it only names the stale pages."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from docs import markdown, pages, texts
from provenance import registry

REFERENCE = texts.ROOT / "docs" / "reference"
_NOTE = "<!-- Generated from the code by `make docs`: change the code, not this page. -->\n"


def build_reference() -> dict[str, str]:
    """Every page of the reference, by its file name."""
    built: dict[str, str] = {}
    for name in registry.list_names(pages):
        page = importlib.import_module(f"docs.pages.{name}")
        built[f"{name.replace('_', '-')}.md"] = _NOTE + page.build_page()
        # a page may have pages of its own below it, which it links to
        if hasattr(page, "build_parts"):
            built.update({part: _NOTE + text for part, text in page.build_parts().items()})
    return {"index.md": _NOTE + _build_index(built), **built}


def list_stale_pages() -> list[str]:
    """Names of pages that differ from what the code gives now, are missing, or belong to nothing any more."""
    built = build_reference()
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    return sorted(name for name in built.keys() | on_disk.keys() if built.get(name) != on_disk.get(name))


def write() -> None:
    """Write every page, and delete pages that belong to nothing any more."""
    REFERENCE.mkdir(exist_ok=True)
    built = build_reference()
    for path in REFERENCE.glob("*.md"):
        if path.name not in built:
            path.unlink()
    for name, text in built.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Give 0 when the pages are written; with `--check` 1 when a page is stale."""
    if "--check" in arguments:
        stale = list_stale_pages()
        for name in stale:
            print(f"docs/reference/{name} is stale; run: make docs")
        return int(bool(stale))
    write()
    return 0


def _build_index(built: dict[str, str]) -> str:
    about = (
        "Every page here is generated from the code, and a test fails when one is stale. "
        "To find your way in, start at the [documentation](../index.md)."
    )
    rows = []
    for name, text in built.items():
        if not _find_module(name).exists():
            continue
        title = markdown.format_link(_find_title(text), name)
        rows.append([title, _describe(name)])
    return markdown.build_page("Reference", about, markdown.format_table(("page", "contents"), rows))


def _find_title(text: str) -> str:
    for line in text.splitlines():
        if line.startswith("# "):
            return line.removeprefix("# ")
    raise ValueError("a page without a title")


def _describe(name: str) -> str:
    return markdown.escape_prose(texts.read_module_docstring(_find_module(name)))


def _find_module(name: str) -> Path:
    """The module that builds a page; a part of another page has none."""
    return texts.ROOT / "docs" / "pages" / f"{name.removesuffix('.md').replace('-', '_')}.py"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
