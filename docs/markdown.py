"""Makes Markdown from plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKUP = str.maketrans({"<": "&lt;", "*": "\\*", "[": "\\[", "]": "\\]"})


def escape_prose(text: str) -> str:
    """A docstring or class text on one line, without accidental markup; code in backticks stays code."""
    parts = " ".join(text.split()).split("`")
    # every second part is between backticks
    parts[::2] = [part.translate(_MARKUP) for part in parts[::2]]
    return "`".join(parts)


def escape_paragraphs(text: str) -> str:
    """A docstring of several paragraphs."""
    return "\n\n".join(map(escape_prose, re.split(r"\n\s*\n", text.strip())))


def format_code(text: str) -> str:
    """A name as code inside a line."""
    return f"`{text}`"


def format_codes(names: Iterable[str]) -> str:
    """Names as code, separated by commas."""
    return ", ".join(map(format_code, names))


def format_block(text: str, language: str = "") -> str:
    """Lines as a code block."""
    return f"```{language}\n{text.rstrip()}\n```"


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. Its cells are Markdown already, except that bars are escaped: they end a cell even inside code."""
    return "\n".join(map(_format_row, [head, ["---"] * len(head), *rows]))


def _format_row(cells: Iterable[str]) -> str:
    safe = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(safe)} |"


def format_link(text: str, target: str) -> str:
    """A link; `target` is relative to the page."""
    return f"[{text}]({target})"


def make_anchor(heading: str) -> str:
    """The fragment that links to a heading, as GitHub makes it."""
    # GitHub makes these anchors itself, so links need exactly its form
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def build_page(title: str, *parts: str) -> str:
    """A whole page; empty parts are left out."""
    return "\n\n".join([f"# {title}", *filter(None, parts)]) + "\n"
