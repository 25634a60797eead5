"""What a rule is. Adding one: a new file in `rules/`, a test with a case that fires and one that must not."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from provenance.model.finding import Because, Case
from provenance.model.match import Span


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a case breaks a rule. How grave that is, the client's pack says."""

    message: str
    """One sentence for a person. Words out of the file may stand in it: it is hostile text like any other."""
    because: tuple[Because, ...]
    """What the claim rests on, never empty."""
    time: Span | None = None
    frame: int | None = None


class Rule(abc.ABC):
    """Looks at one case and says what is broken; a pure function of it. The class texts become the reference."""

    name: ClassVar[str]
    """The module's own name."""
    title: ClassVar[str]
    why: ClassVar[str]
    """What goes wrong when it is ignored."""
    remedy: ClassVar[str]
    """What a person does next."""
    waivable: ClassVar[bool] = True
    """Whether an approval of the content can let it through."""

    @property
    def id(self) -> str:
        """The name as packs and reports spell it: `broken-credential`."""
        return self.name.replace("_", "-")

    @abc.abstractmethod
    def judge(self, case: Case) -> Iterator[Breach]:
        """Yield every way in which the case breaks this rule. Never raises on any case."""
