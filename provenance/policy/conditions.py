"""The conditions of an entry of a pack: a closed set of keys, each with a closed set of words.

An entry counts only where all its conditions hold. `zone` is known of every asset. The other keys rest on what people
declared about the content; where that was not declared, the condition does not hold, and the finding says so.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from provenance.errors import UsageError
from provenance.model.declared import WORLD, Declared, DeclaredUse, Licence, PresentedAsReal, Prominence, Purpose
from provenance.model.vocabulary import Zone
from provenance.toml_table import TomlTable, suggest

CHOICES: Mapping[str, type[enum.StrEnum]] = {
    "zone": Zone,
    "purpose": Purpose,
    "prominence": Prominence,
    "licence": Licence,
    "presented_as_real": PresentedAsReal,
}
"""The words that each key takes, but for `territory`."""
TERRITORY = "territory"
KEYS = (*CHOICES, TERRITORY)
OF_A_USE = ("purpose", "prominence", "licence", "presented_as_real")
"""Keys whose values one declared use has."""

_TERRITORY = re.compile(r"[A-Z]{2}|world")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold for an entry to count: by key, the words of which one must fit. Empty: it always counts."""

    words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def declared_keys(self) -> tuple[str, ...]:
        """The keys that rest on what people declared."""
        return tuple(key for key, _ in self.words if key != "zone")

    def describe(self) -> tuple[str, ...]:
        """Each condition in words: `purpose: background`."""
        return tuple(f"{key}: {' or '.join(words)}" for key, words in self.words)

    def hold(self, zones: tuple[Zone, ...], use: DeclaredUse | None, declared: Declared | None) -> bool:
        """Whether all of them hold for one declared use of a content, or for one without any."""
        return all(set(words) & _list_words(key, zones, use, declared) for key, words in self.words)

    def without(self, keys: tuple[str, ...]) -> Conditions:
        """The same without the conditions of these keys."""
        return Conditions(tuple(row for row in self.words if row[0] not in keys))

    def list_undeclared(self, use: DeclaredUse | None, declared: Declared | None) -> tuple[str, ...]:
        """The keys that rest on declarations, and of which nothing was declared."""
        return tuple(key for key in self.declared_keys if not _list_words(key, (), use, declared))


ALWAYS = Conditions()
"""The conditions of an entry that names none."""


def _list_words(
    key: str, zones: tuple[Zone, ...], use: DeclaredUse | None, declared: Declared | None
) -> frozenset[str]:
    """The words that are true of a content for a key; empty when nothing is known."""
    if key == "zone":
        return frozenset(zones)
    if key == TERRITORY:
        return frozenset(declared.territories) if declared else frozenset()
    value = getattr(use, key) if use else None
    return frozenset([value]) if value else frozenset()


def parse(row: TomlTable) -> Conditions:
    """The conditions in an entry of a pack. Each is one word, or a list of words of which one must fit.

    Raises `UsageError` that says which words may be there.
    """
    return Conditions(tuple((key, _parse_words(row, key)) for key in KEYS if key in row.values))


def _parse_words(row: TomlTable, key: str) -> tuple[str, ...]:
    value = row.values[key]
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(word, str) for word in given):
        raise UsageError(f"{row.where}: {key} must be a text or a list of texts", _explain(key))
    for word in given:
        if key == TERRITORY and not _TERRITORY.fullmatch(word):
            raise UsageError(f"{row.where}: {key} = {word!r}", _explain(key))
        if key != TERRITORY and word not in list(CHOICES[key]):
            raise UsageError(f"{row.where}: {key} = {word!r}", suggest(word, list(CHOICES[key])))
    if key == TERRITORY and WORLD not in given:
        # What may be shown everywhere may be shown there.
        given = [*given, WORLD]
    return tuple(dict.fromkeys(given))


def _explain(key: str) -> str:
    if key == TERRITORY:
        return "valid: country codes of two capital letters (ISO 3166) such as 'CN', or 'world'"
    return f"valid: {', '.join(sorted(CHOICES[key]))}"
