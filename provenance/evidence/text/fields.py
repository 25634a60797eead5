"""The statements of one carrier as fields: a name, and the first statement under it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from provenance.evidence.text.parse_text import strip_padding
from provenance.model.evidence import Statement
from provenance.model.vocabulary import About

_LONGEST_VALUE = 200
"""Characters of a value that are used; names of devices and dates are shorter."""

Fields = Mapping[str, Statement]


def select_own(statements: Iterable[Statement], carriers: Set[str]) -> Iterator[Statement]:
    """Yield the statements of these carriers that are about the asset itself, not about its parent or a part of it."""
    for statement in statements:
        if statement.carrier in carriers and statement.about is About.ASSET:
            yield statement


def group_fields(statements: Iterable[Statement], name_field: Callable[[str], str]) -> list[Fields]:
    """Group statements by carrier, then by the name that `name_field` makes of their key; the first of a name wins."""
    carriers: dict[str, dict[str, Statement]] = {}
    for statement in statements:
        fields = carriers.setdefault(statement.carrier, {})
        fields.setdefault(name_field(statement.key), statement)
    return list(carriers.values())


def get_value(fields: Fields, name: str) -> str:
    """Return the beginning of a field's value without padding; empty if there is no such field."""
    if name not in fields:
        return ""
    return strip_padding(fields[name].value[:_LONGEST_VALUE])
