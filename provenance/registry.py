"""The members of a family folder, found by name: exactly one per file, no list to edit.

A family is a base class (`Carrier`, `Signal`, `Rule`, `Format`) and a package whose every module defines exactly one
concrete subclass, named after the module.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import TypeVar

Member = TypeVar("Member")


class BrokenFamily(TypeError):
    """A module of a family folder does not define exactly one member of the family."""


def names(package: ModuleType) -> list[str]:
    """Module names of a family folder in alphabetical order, without importing any of them."""
    return sorted(info.name for info in pkgutil.iter_modules(package.__path__))


@functools.cache
def members(package: ModuleType, base: type[Member]) -> dict[str, Member]:
    """Import every module of `package` and give its one member, by name, in alphabetical order.

    Raises `BrokenFamily` when a module has none or several, or names its member otherwise than itself.
    """
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
