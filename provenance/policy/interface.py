"""The interface of a rule. To add one, write a new file in `rules/`, and a test with a case that violates it and one
that does not.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from provenance.model.finding import Because, Case
from provenance.model.match import Span


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a case violates a rule. The client's pack says how severe that is."""

    message: str
    """One sentence for a person. It may contain words from the file: hostile text like any other."""
    because: tuple[Because, ...]
    """The evidence that the claim rests on, never empty."""
    time: Span | None = None
    frame: int | None = None


class Rule(abc.ABC):
    """Looks at one case and yields its violations; a pure function of it. The class texts become the reference."""

    name: ClassVar[str]
    """The name of its module."""
    title: ClassVar[str]
    why: ClassVar[str]
    """What goes wrong when people ignore it."""
    remedy: ClassVar[str]
    """What a person does next."""
    waivable: ClassVar[bool] = True
    """Whether an approval of the content waives it."""

    @property
    def id(self) -> str:
        """The name as packs and reports spell it: `broken-credential`."""
        return self.name.replace("_", "-")

    @abc.abstractmethod
    def judge(self, case: Case) -> Iterator[Violation]:
        """Yield every violation of this rule by the case. Never raises on any case."""
