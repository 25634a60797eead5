"""The interface of a kind of entry of the register. To add one, write a new file in `declarations/` and its test.

A kind names its fields and says what is wrong with an entry as a whole. Command line, CSV header, TOML keys and the
page of the reference are made from its fields.
"""

from __future__ import annotations

import abc
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from provenance.model.declaration import Entry
from provenance.policy.fields import Digests, Field, Identifier, Reference, parse_day

MOST_YEARS = 5
"""Years from today within which a permission must end: what never ends is never looked at again."""

ID = Field("id", Identifier(), "your own name for it, unique by kind; left out, it is made from the entry")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an entry is checked against."""

    today: date
    """Never earlier than a day that the catalogue knows."""
    entries: Mapping[tuple[str, str], Entry]
    """By kind and id: what counts by now, and what is entered together with it."""
    is_known: Callable[[str], bool]
    """Whether the catalogue has seen a content."""
    allows_unknown: bool = False
    _uses: dict[str, list[Entry]] = field(default_factory=dict)
    """By content, and by `use <id>`."""

    def __post_init__(self) -> None:
        for use in self.list_kind("use"):
            for name in (use.called, *use.list("content")):
                self._uses.setdefault(name, []).append(use)

    def find_uses(self, approval: Entry) -> list[Entry]:
        """The uses that an approval names, or that name a content of it."""
        found: dict[str, Entry] = {}
        for name in (f"use {approval.get('use')}", *approval.list("content")):
            for use in self._uses.get(name, ()):
                found[use.id] = use
        return list(found.values())

    def list_kind(self, kind: str) -> list[Entry]:
        """All entries of one kind."""
        return [entry for entry in self.entries.values() if entry.kind == kind]


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with an entry as a whole, and what to write instead."""

    field: str
    problem: str
    remedy: str


class Declaration(abc.ABC):
    """One kind of entry."""

    name: ClassVar[str]
    """The name of its module, and of its tables in a TOML file."""
    plural: ClassVar[str]
    """The name of a CSV file or of a sheet."""
    title: ClassVar[str]
    about: ClassVar[str]
    """What it is for, for a coordinator."""
    own_fields: ClassVar[tuple[Field, ...]]
    is_permission: ClassVar[bool] = False
    """Whether it allows something until a day: then that day must be to come, and not too far away."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, the id first."""
        return (ID, *self.own_fields)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of all fields, in their order."""
        return tuple(known.name for known in self.fields)

    def find_field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((known for known in self.fields if known.name == name), None)

    def list_objections(self, entry: Entry, around: Surroundings) -> Iterator[Objection]:
        """Yield everything that is wrong with an entry whose fields are right, each for itself."""
        yield from _check_days(entry, around.today, is_permission=self.is_permission)
        for known in self.own_fields:
            if isinstance(known.type, Reference):
                yield from _check_reference(entry, known, known.type.kind, around)
            elif isinstance(known.type, Digests) and not around.allows_unknown:
                yield from _check_known(entry, known, around)
        yield from self.object(entry, around)

    def object(self, entry: Entry, around: Surroundings) -> Iterator[Objection]:  # noqa: ARG002 - for kinds to override
        """Yield what only this kind objects to."""
        return iter(())


def _check_days(entry: Entry, today: date, *, is_permission: bool) -> Iterator[Objection]:
    start, end = parse_day(entry.get("from")), parse_day(entry.get("until"))
    if end is None:
        return
    if start and end < start:
        yield Objection("until", f"{end} is before {start}, where it begins", "write a last day behind the first")
    if not is_permission:
        return
    if end < today:
        yield Objection("until", f"{end} is over; the catalogue knows {today}", "write a last day still to come")
    furthest = _add_years(today, MOST_YEARS)
    if end > furthest:
        problem = f"{end} is more than {MOST_YEARS} years ahead"
        yield Objection("until", problem, f"write a day up to {furthest}, and renew it then")


def _add_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        # February 29 in a year that has none.
        return day.replace(year=day.year + years, day=28)


def _check_reference(entry: Entry, field: Field, kind: str, around: Surroundings) -> Iterator[Objection]:
    wanted = entry.get(field.name)
    if wanted and (kind, wanted) not in around.entries:
        known = sorted(other.id for other in around.list_kind(kind))[:10]
        remedy = f"register the {kind} first, or write one of: {', '.join(known)}" if known else f"register the {kind}"
        yield Objection(field.name, f"{wanted!r} is not a registered {kind}", remedy)


def _check_known(entry: Entry, field: Field, around: Surroundings) -> Iterator[Objection]:
    for digest in entry.list(field.name):
        if not around.is_known(digest):
            remedy = "scan or ingest it first, or say --unseen"
            yield Objection(field.name, f"the catalogue has never seen {digest}", remedy)


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are read as one: case, spaces, signs and forms of letters do not count."""
    return bool(_fold(one)) and _fold(one) == _fold(other)


def _fold(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())
