"""The interface of a rule. To add one, write a new file in `rules/`, and a test with a case that violates it and one
that does not.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from provenance.model.cut import Use
from provenance.model.finding import Because, Case
from provenance.model.match import Span
from provenance.model.vocabulary import Origin


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a case violates a rule. The client's pack says how severe that is."""

    message: str
    """One sentence for a person. It may contain words from the file: hostile text like any other."""
    because: tuple[Because, ...]
    """The evidence that the claim rests on, never empty."""
    time: Span | None = None
    frame: int | None = None


class RuleTexts:
    """What every rule says of itself; the texts become the reference."""

    name: ClassVar[str]
    """The name of its module."""
    title: ClassVar[str]
    why: ClassVar[str]
    """What goes wrong when people ignore it."""
    remedy: ClassVar[str]
    """What a person does next."""
    waivable: ClassVar[bool] = True
    """Whether an approval of the content waives it."""
    is_about_register: ClassVar[bool] = False
    """Whether it says what the register lacks, and not what the content is: an approval of the content stands."""
    finds_generated: ClassVar[bool] = False
    """Whether it finds generated material: of the rules that a pack leaves out, a report names such first."""
    is_regional: ClassVar[bool] = False
    """Whether it serves the law of some territories alone, so that a pack without it leaves no gap elsewhere."""

    @property
    def id(self) -> str:
        """The name as packs and reports spell it: `broken-credential`."""
        return self.name.replace("_", "-")


class Rule(RuleTexts, abc.ABC):
    """Looks at one case and yields its violations; a pure function of it."""

    judges_everywhere: ClassVar[bool] = False
    """Whether it also judges generated material that is no part of a deliverable."""
    objects_to_plain: ClassVar[bool] = True
    """Whether a case may violate it of which nothing is known but a plain reading (`provenance.plain`): no match and no
    difference from the register. Where a pack asks such a rule, every deliverable is decoded every night."""

    @abc.abstractmethod
    def judge(self, case: Case) -> Iterator[Violation]:
        """Yield every violation of this rule by the case. Never raises on any case."""


class CutRule(RuleTexts, abc.ABC):
    """Looks at one use of a source in a cut; a pure function of it. Add one in `cut_rules/`, as a rule in `rules/`."""

    severity_of: ClassVar[Mapping[Origin, str]] = {}
    """Rules whose severity in the pack counts instead of this rule's own, by the origin of the source."""

    @property
    def id(self) -> str:
        """The name as packs and reports spell it: `generated_in_cut`."""
        return self.name

    @abc.abstractmethod
    def judge(self, use: Use) -> Iterator[Violation]:
        """Yield every violation of this rule by the use. Never raises on any use."""


class PackageRule(RuleTexts):
    """Says what a fault of a package means. What is a fault, `timeline.packages.check` decides: it names the rule."""

    waivable: ClassVar[bool] = False

    @property
    def id(self) -> str:
        """The name as packs and reports spell it: `package_file_missing`."""
        return self.name
