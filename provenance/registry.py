"""The members of a family folder, found by name: exactly one per file, no list to edit.

A family is a base class (`Carrier`, `Signal`, `Rule`, `Format`) and a package whose every module defines exactly one
concrete subclass, named after the module. Distributions of other people may offer members through entry points; they
take part only where a run has asked for them by name.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from provenance.errors import UsageError

Member = TypeVar("Member")
_joined: dict[type[Any], dict[str, Any]] = {}
"""Members of other people that take part in this process, by family."""


class BrokenFamily(TypeError):
    """A module of a family folder does not define exactly one member of the family."""


def names(package: ModuleType) -> list[str]:
    """Module names of a family folder in alphabetical order, without importing any of them."""
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__))


def members(package: ModuleType, base: type[Member]) -> dict[str, Member]:
    """Import every module of `package` and give its one member, by name, in alphabetical order; then what has joined.

    Raises `BrokenFamily` when a module has none or several, or names its member otherwise than itself.
    """
    family: Any = base  # mypy does not see that a class can be hashed
    return {**_own(package, family), **_joined.get(base, {})}


@functools.cache
def _own(package: ModuleType, base: type[Any]) -> dict[str, Any]:
    return {name: _only_member(importlib.import_module(f"{package.__name__}.{name}"), base) for name in names(package)}


def _only_member(module: ModuleType, base: type[Member]) -> Member:
    found = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, base)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    if len(found) != 1:
        raise BrokenFamily(f"{module.__name__} defines {len(found)} members of {base.__name__}, wanted one")
    member: Member = found[0]()
    expected = module.__name__.rsplit(".", 1)[1].removesuffix("_")
    if getattr(member, "name", None) != expected:
        raise BrokenFamily(f"{module.__name__} names its member {getattr(member, 'name', None)!r}, wanted {expected!r}")
    return member


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A member that an installed distribution offers, not imported yet."""

    name: str
    group: str
    """Of entry points: `provenance.carriers`, `provenance.signals`."""
    target: str
    """`module:Class`."""
    distribution: str
    """Name and version."""


def find_entry_points(*groups: str) -> list[EntryPoint]:
    """What installed distributions offer, by name and group. Imports none of it."""
    found = {
        EntryPoint(point.name, group, point.value, f"{point.dist.name} {point.dist.version}" if point.dist else "")
        for group in groups
        for point in importlib.metadata.entry_points(group=group)
    }
    return sorted(found, key=lambda offer: (offer.name, offer.group, offer.distribution))


def load(offer: EntryPoint, base: type[Member]) -> Member:
    """Import what is offered and make the member. Raises whatever the import raises, `UsageError` for another thing."""
    found = importlib.metadata.EntryPoint(offer.name, offer.target, offer.group).load()
    if not (inspect.isclass(found) and issubclass(found, base)) or inspect.isabstract(found):
        raise UsageError(f"{offer.target} of {offer.distribution} is no {base.__name__}", "ask its maker for a new one")
    member: Member = found()
    return member


def register(base: type[Member], joining: Mapping[str, Member]) -> None:
    """Have these take part, from now on and in this process."""
    _joined.setdefault(base, {}).update(joining)
