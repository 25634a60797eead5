"""Markdown out of plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKS = str.maketrans({"<": "&lt;", "*": "\\*", "[": "\\[", "]": "\\]"})


def prose(text: str) -> str:
    """A docstring or class text on one line, no word of it taken for a mark; code in backticks stays code."""
    parts = " ".join(text.split()).split("`")
    return "`".join(part if number % 2 else part.translate(_MARKS) for number, part in enumerate(parts))


def paragraphs(text: str) -> str:
    """A docstring of several paragraphs."""
    return "\n\n".join(prose(part) for part in re.split(r"\n\s*\n", text.strip()))


def code(text: str) -> str:
    """A name as code in a line."""
    return f"`{text}`"


def codes(names: Iterable[str]) -> str:
    """Names as code, with commas."""
    return ", ".join(map(code, names))


def block(text: str, language: str = "") -> str:
    """Lines as they are."""
    return f"```{language}\n{text.rstrip()}\n```"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are Markdown already, but for bars, which end a cell even in code."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def link(text: str, target: str) -> str:
    """A link; `target` is relative to the page."""
    return f"[{text}]({target})"


def anchor(heading: str) -> str:
    """The fragment by which a heading is reached, as GitHub makes it."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([f"# {title}", *(part for part in parts if part)]) + "\n"
