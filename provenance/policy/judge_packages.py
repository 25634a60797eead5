"""Faults of packages -> Findings, by the rules that the pack asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.model.evidence import Evidence
from provenance.model.finding import Finding
from provenance.model.package import PackageFault
from provenance.model.vocabulary import Origin, Standing
from provenance.policy.packs import Pack, load_package_rules


def judge_packages(faults: Iterable[PackageFault], pack: Pack) -> Iterator[Finding]:
    """Yield one finding for each fault whose rule the pack asks."""
    rules = load_package_rules()
    rulings = {ruling.rule: ruling for ruling in pack.rulings}
    for fault in faults:
        ruling, rule = rulings.get(fault.rule), rules[fault.rule]
        if ruling is None:
            continue
        because = Evidence(
            "package", "package", fault.list_path, Origin.UNKNOWN, Standing.DECLARED, None, fault.message
        )
        yield Finding(
            rule=rule.id,
            severity=ruling.severity,
            path=fault.path,
            digest=fault.digest,
            message=fault.message,
            remedy=rule.remedy,
            because=(because,),
            clause=ruling.clause,
            clause_is_quoted=ruling.is_quoted,
            root=fault.root,
        )
