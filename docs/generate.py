"""Generate the reference from the code: `python -m docs.generate`, with `--check` only say which pages are stale."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from docs import markdown, pages, texts
from provenance import registry

REFERENCE = texts.ROOT / "docs" / "reference"
_NOTE = "<!-- Generated from the code by `make docs`: change the code, not this page. -->\n"


def reference() -> dict[str, str]:
    """Every page of the reference, by its file name."""
    made = {
        f"{name.replace('_', '-')}.md": _NOTE + importlib.import_module(f"docs.pages.{name}").page()
        for name in registry.names(pages)
    }
    return {"index.md": _NOTE + _index(made), **made}


def stale() -> list[str]:
    """Names of pages that are not what the code would make of them: changed, missing, or of nothing any more."""
    made = reference()
    there = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def write() -> None:
    """Write every page anew and take away those of nothing any more."""
    REFERENCE.mkdir(exist_ok=True)
    made = reference()
    for path in REFERENCE.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """0 when all is done, with `--check` 1 when a page is stale."""
    if "--check" in arguments:
        for name in stale():
            print(f"docs/reference/{name} is stale; run: make docs")
        return int(bool(stale()))
    write()
    return 0


def _index(made: dict[str, str]) -> str:
    rows = ([markdown.link(_title(text), name), _about(name)] for name, text in made.items())
    about = "Everything here is generated from the code, and a test fails when a page is stale. The way in: "
    return markdown.page("Reference", f"{about}[documentation](../index.md).", markdown.table(("page", "holds"), rows))


def _title(text: str) -> str:
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def _about(name: str) -> str:
    module = texts.ROOT / "docs" / "pages" / f"{name.removesuffix('.md').replace('-', '_')}.py"
    return markdown.prose(texts.module_text(module))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
