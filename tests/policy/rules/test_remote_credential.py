from __future__ import annotations

from provenance.model.vocabulary import Cause
from provenance.policy.rules.remote_credential import RemoteCredential
from tests.policy.build import case, trouble

FIRES = {"remote": case(trouble(Cause.REMOTE)), "among others": case(trouble(), trouble(Cause.REMOTE))}
QUIET = {"nothing": case()} | {cause.value: case(trouble(cause)) for cause in Cause if cause is not Cause.REMOTE}


def test_rests_on_the_remote_ones_alone() -> None:
    remote = trouble(Cause.REMOTE)
    (violation,) = RemoteCredential().judge(case(trouble(), remote))
    assert violation.because == (remote,)
