from __future__ import annotations

from provenance.model.vocabulary import Cause
from provenance.policy.rules.not_looked_at import NotLookedAt
from tests.policy.build import case, trouble

FIRES = {cause.value: case(trouble(cause)) for cause in Cause if cause is not Cause.REMOTE}
QUIET = {"nothing": case(), "remote, which has its own rule": case(trouble(Cause.REMOTE))}


def test_one_breach_names_every_cause_once() -> None:
    rows = trouble(Cause.SLOW), trouble(Cause.SLOW), trouble(Cause.NOT_INSTALLED)
    (violation,) = NotLookedAt().judge(case(*rows, trouble(Cause.REMOTE)))
    assert violation.because == rows
    assert violation.message == "It could not be checked in full: slow (png), not-installed (png)."


def test_no_approval_lets_it_through() -> None:
    assert not NotLookedAt.waivable
