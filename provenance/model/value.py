"""Values of the model: dataclasses that nobody changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True)
def value(kind: type[Kind]) -> type[Kind]:
    """Make a class a dataclass with slots that the type checker takes for frozen, with a hash of all its fields.

    For what there is one of for each file of a storage: one that also refuses changes while the program runs takes
    four times as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
