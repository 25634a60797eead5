"""Entries of the register -> what is declared about each content, as the conditions of a pack ask for it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import TypeVar

from provenance.model.declaration import Entry, RegisteredEntry
from provenance.model.declared import (
    Declarations,
    Declared,
    DeclaredUse,
    Licence,
    PresentedAsReal,
    Prominence,
    Purpose,
)

Word = TypeVar("Word", bound=enum.StrEnum)


def collect_declared(registered: Iterable[RegisteredEntry]) -> Declarations:
    """By digest, the uses and rights that were not withdrawn. What names no content is not about any."""
    entries = [row.entry for row in registered if not row.is_withdrawn]
    tools = {entry.id: entry for entry in entries if entry.kind == "tool"}
    uses: dict[str, list[DeclaredUse]] = {}
    territories: dict[str, list[str]] = {}
    for entry in entries:
        for digest in entry.list("content"):
            if entry.kind == "use":
                uses.setdefault(digest, []).append(_build_use(entry, tools))
            elif entry.kind == "right":
                territories.setdefault(digest, []).extend(entry.list("territory"))
    digests = dict.fromkeys([*uses, *territories])
    return {digest: Declared(tuple(uses.get(digest, ())), tuple(territories.get(digest, ()))) for digest in digests}


def _build_use(entry: Entry, tools: Mapping[str, Entry]) -> DeclaredUse:
    tool = tools.get(entry.get("tool"))
    return DeclaredUse(
        purpose=_read(Purpose, entry.get("purpose")),
        prominence=_read(Prominence, entry.get("prominence")),
        licence=_read(Licence, tool.get("licence")) if tool else None,
        presented_as_real=_read(PresentedAsReal, entry.get("presented_as_real")),
    )


def _read(words: type[Word], text: str) -> Word | None:
    """The word, or None for a text that is none of them."""
    for word in words:
        if word == text:
            return word
    return None
