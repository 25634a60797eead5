"""The kinds of entry of the register, and their fields."""

from __future__ import annotations

from collections.abc import Iterator

from docs import markdown
from provenance.policy.declaration_interface import MOST_YEARS, Declaration
from provenance.policy.fields import Field
from provenance.policy.register_rows import load_kinds


def build_page() -> str:
    """The page, from the fields of each kind."""
    kinds = load_kinds().values()
    return markdown.build_page(
        "Register",
        "What people declare, by kind of entry. The name of a field is the key in TOML, the header of a column in CSV "
        "and XLSX, and with `--` and hyphens the option of `provenance register add`. In a cell, the items of a list "
        "are separated by semicolons. How to use them: [keep a register](../how-to/keep-a-register.md).",
        markdown.format_table(("kind", "for"), map(_build_row, kinds)),
        *map(_build_section, kinds),
    )


def _build_row(kind: Declaration) -> list[str]:
    return [f"[`{kind.name}`](#{kind.name})", markdown.escape_prose(kind.about)]


def _build_section(kind: Declaration) -> str:
    parts = [f"## {kind.name}", markdown.escape_prose(kind.about)]
    if kind.is_permission:
        parts.append(f"`until` must be to come when it is entered, and at most {MOST_YEARS} years ahead.")
    parts.append(markdown.format_table(("field", "must", "says", "as"), map(_build_field, kind.fields)))
    parts.append("Header for CSV:")
    parts.append(markdown.format_block(",".join(kind.field_names)))
    return "\n\n".join(parts)


def _build_field(field: Field) -> list[str]:
    return [
        markdown.format_code(field.name),
        "must" if field.is_required else "",
        markdown.escape_prose(field.does),
        ", ".join(_describe_type(field)),
    ]


def _describe_type(field: Field) -> Iterator[str]:
    words = getattr(field.type, "words", ())
    yield markdown.format_codes(words) if words else markdown.escape_prose(field.type.title)
    if field.type.is_list:
        yield "or several"
