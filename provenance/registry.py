"""The members of a family folder, found by file name: exactly one per file, no list to edit.

A family is a base class (`Carrier`, `Signal`, `Rule`, `Format`) and a package in which every module defines exactly one
concrete subclass, named as the module is. Other distributions can offer members as entry points; those are imported
only when a run asks for them by name.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import inspect
import pkgutil
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from provenance.errors import UsageError

Member = TypeVar("Member")

_third_party: dict[type[Any], dict[str, Any]] = {}
"""Third-party members registered in this process, by family and name."""


class BrokenFamily(TypeError):
    """A module of a family folder does not define exactly one member of the family."""


def list_names(package: ModuleType) -> list[str]:
    """List the module names of a family folder in alphabetical order, without importing any of them."""
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__))


def is_name_taken(name: str, taken: Iterable[str]) -> bool:
    """Whether a name reads as one of `taken` does: case, spaces, signs, digits and width of letters do not count."""
    return _keep_letters(name) in set(map(_keep_letters, taken))


def _keep_letters(name: str) -> str:
    # `Netflix 2026`, `net-flix` and full-width letters are all read as `netflix`
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalpha())


def load_members(package: ModuleType, base: type[Member]) -> dict[str, Member]:
    """Import every module of `package` and return its one member by module name, alphabetically; third-party ones last.

    Raises `BrokenFamily` if a module defines no member or several, or if its member has another name than the module.
    """
    family: Any = base  # mypy does not see that a class can be hashed
    return {**_load_own_members(package, family), **_third_party.get(base, {})}


def load_own_member(package: ModuleType, base: type[Member], name: str) -> Member:
    """Import one module of `package`, one of `list_names`, and return its member. Raises as `load_members`."""
    family: Any = base  # mypy does not see that a class can be hashed
    member: Member = _load_own_member(package, family, name)
    return member


@functools.cache
def _load_own_members(package: ModuleType, base: Any) -> dict[str, Any]:  # noqa: ANN401 - a class, as said above
    return {name: _load_own_member(package, base, name) for name in list_names(package)}


@functools.cache
def _load_own_member(package: ModuleType, base: Any, name: str) -> Any:  # noqa: ANN401 - its member
    return _make_member(importlib.import_module(f"{package.__name__}.{name}"), base)


def _make_member(module: ModuleType, base: type[Member]) -> Member:
    classes = [value for value in vars(module).values() if _is_member_class(value, base)]
    # A carrier may import another carrier to read with it; only what the module itself defines is its member.
    own_classes = [value for value in classes if value.__module__ == module.__name__]
    if len(own_classes) != 1:
        raise BrokenFamily(f"{module.__name__} defines {len(own_classes)} subclasses of {base.__name__} instead of one")
    member: Member = own_classes[0]()
    # A module may end in `_` where its bare name is taken by the language or the standard library.
    expected = module.__name__.rsplit(".", 1)[1].removesuffix("_")
    actual = getattr(member, "name", None)
    if actual != expected:
        raise BrokenFamily(f"the member in {module.__name__} is named {actual!r} instead of {expected!r}")
    return member


def _is_member_class(value: object, base: type[Any]) -> bool:
    return inspect.isclass(value) and issubclass(value, base) and not inspect.isabstract(value)


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A member that an installed distribution offers; it has not been imported yet."""

    name: str
    group: str
    """Entry point group: `provenance.carriers` or `provenance.signals`."""
    target: str
    """`module:Class`."""
    distribution: str
    """Name and version of the distribution; empty if its metadata are missing."""


def find_entry_points(*groups: str) -> list[EntryPoint]:
    """Find the entry points of all installed distributions in these groups, by name and group. Imports none of them."""
    points: set[EntryPoint] = set()
    for group in groups:
        for point in importlib.metadata.entry_points(group=group):
            distribution = f"{point.dist.name} {point.dist.version}" if point.dist else ""
            points.add(EntryPoint(point.name, group, point.value, distribution))
    return sorted(points, key=lambda point: (point.name, point.group, point.distribution))


def load_entry_point(point: EntryPoint, base: type[Member]) -> Member:
    """Import an entry point and make its member.

    Raises whatever the import raises, and `UsageError` if the target is not a concrete subclass of `base`.
    """
    target = importlib.metadata.EntryPoint(point.name, point.target, point.group).load()
    if not _is_member_class(target, base):
        raise UsageError(
            f"{point.target} of {point.distribution} is not a {base.__name__}", "ask its maker for a corrected version"
        )
    member: Member = target()
    return member


def count_third_party(base: type[Member]) -> int:
    """Number of third-party members of a family so far: while it is the same, so are the members."""
    return len(_third_party.get(base, ()))


def register(base: type[Member], members: Mapping[str, Member]) -> None:
    """Add third-party members to a family, for the rest of this process."""
    _third_party.setdefault(base, {}).update(members)
