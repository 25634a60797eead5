"""Step two of every command that gives a verdict: catalogue -> findings -> report. Opens no media."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from provenance import __version__
from provenance.catalogue.store import Catalogue
from provenance.media.places import is_folder
from provenance.model.asset import rebase, with_path
from provenance.model.debt import Debt
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Coverage, Delta, Inputs, OtherVerdict, RegisterEntry, Report
from provenance.model.vocabulary import AI_ORIGINS, Severity
from provenance.policy.declared import collect_declared
from provenance.policy.judge import gate, judge, judge_troubles
from provenance.policy.packs import Pack
from provenance.policy.reconcile import Register
from provenance.reports.compose import compose
from provenance.trust import TrustStore, withhold_trust
from provenance.workflows.declared import list_declared, select_declared
from provenance.workflows.read import with_cutouts, without_raw
from provenance.workflows.reconcile import load_register
from provenance.workflows.resolved_cuts import ResolvedCuts
from provenance.workflows.run import RunContext, RunStats, load_approvals


@dataclass(frozen=True, slots=True)
class Verdict:
    """A report and the exit code that it stands for."""

    report: Report
    exit_code: int


@dataclass(slots=True)
class Judgement:
    """Cases with their findings, and what was counted on the way."""

    packs: Sequence[Pack]
    """The policies that are asked, never empty."""
    cases: list[Case] = field(default_factory=list)
    by_pack: list[list[Finding]] = field(default_factory=list)
    """The findings of each policy."""
    stats: RunStats = field(default_factory=RunStats)
    declared: list[RegisterEntry] = field(default_factory=list)
    """The whole register; a report quotes what is about its material."""

    def __post_init__(self) -> None:
        self.by_pack = [[] for _ in self.packs]

    @property
    def findings(self) -> list[Finding]:
        """Those of the first policy."""
        return self.by_pack[0]

    @property
    def asked(self) -> Iterator[tuple[Pack, list[Finding]]]:
        """Each policy with its findings, to which more may be added."""
        yield from zip(self.packs, self.by_pack, strict=True)


def judge_cases(
    context: RunContext,
    catalogue: Catalogue,
    packs: Sequence[Pack],
    store: TrustStore,
    cases: Iterable[Case],
    *,
    is_deliverable: Callable[[Case], bool] = lambda _: True,
    pictures: bool = True,
    register: Register | None = None,
) -> Judgement:
    """Judge cases as parts of a deliverable, those that are not only counted. What could not be read is a trouble.

    `store`: what other lists than these vouched for when it was read is not trusted here.
    `pictures`: whether somebody will look at those of the matches. `register`: where it was loaded already.
    """
    judgement = Judgement(packs)
    everywhere = [pack.narrow_to_everywhere() for pack in packs]
    approvals, today = load_approvals(catalogue, context)
    register = register or load_register(catalogue, context)
    judgement.declared = list_declared(register.entries, approvals, today)
    declarations = collect_declared(register.entries)
    for case in cases:
        if not case.reading.asset.digest:
            judgement.stats.count_troubles(*case.reading.troubles)
            continue
        judgement.stats.count_asset(case.reading)
        judgement.stats.count_label_looks(case.reading.statements)
        # The very case that is reported is judged: a finding's matches must be recognised among the case's own.
        slim = withhold_trust(without_raw(with_cutouts(catalogue, case), pictures=pictures), store.lists)
        slim = replace(slim, is_judged=is_deliverable(case))
        if slim.is_judged:
            slim = replace(slim, register=tuple(register.compare_where_kept(slim)))
        for number, (pack, findings) in enumerate(judgement.asked):
            if slim.is_judged:
                findings.extend(judge([slim], pack, approvals, today, declarations))
            elif slim.origin in AI_ORIGINS:
                findings.extend(judge([slim], everywhere[number], approvals, today, declarations))
        judgement.cases.append(slim)
    return judgement


def make_report(
    context: RunContext,
    inputs: Inputs,
    cases: Iterable[Case],
    judgement: Judgement,
    troubles: Sequence[Trouble],
    coverage: Coverage,
    delta: Delta | None = None,
    cuts: ResolvedCuts | None = None,
    debt: Debt | None = None,
) -> Report:
    """One report of everything; `troubles` are those that belong to no asset, judged here."""
    first, *others = [[*found, *judge_troubles(troubles, pack)] for pack, found in judgement.asked]
    further = judgement.packs[1:]
    cuts = cuts or ResolvedCuts()
    cases = list(cases)
    return compose(
        made_at=context.timestamp,
        version=__version__,
        inputs=inputs,
        coverage=coverage,
        cases=cases,
        findings=first,
        troubles=troubles,
        delta=delta,
        uses=cuts.uses,
        timelines=cuts.timelines,
        cover=context.settings.report.cover,
        register=select_declared(judgement.declared, cases, cuts.uses),
        debt=debt,
        others=[OtherVerdict(pack.identity, tuple(found)) for pack, found in zip(further, others, strict=True)],
    )


def decide(report: Report, fail_on: Severity) -> Verdict:
    """The report with its exit code: the worst that any of its policies gives."""
    # a finding weighs more than something that could not be checked, which is the same for every policy
    findings = [*report.findings]
    for other in report.others:
        findings += other.findings
    return Verdict(report, gate(findings, report.all_troubles, fail_on))


def shown_roots(roots: Sequence[bytes]) -> list[str]:
    """Absolute roots as valid text."""
    return [os.fsencode(os.fsdecode(root)).decode("utf-8", "backslashreplace") for root in roots]


def relocate(cases: Iterable[Case], roots: Sequence[bytes]) -> Iterator[Case]:
    """Cases with paths relative to the folder that was named, whatever root the catalogue keeps them under."""
    bases = {}
    for root in roots:
        bases[root] = root
        if not is_folder(root):
            # A file that was named alone is reported by its name.
            bases[root] = os.path.dirname(root)
    for case in cases:
        for root, base in bases.items():
            if case.location.is_below(root):
                location = rebase(case.location, base)
                yield replace(case, location=location, reading=with_path(case.reading, location.path))
                break
        else:
            yield case
