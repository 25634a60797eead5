from __future__ import annotations

from datetime import date

import pytest

from provenance.model.finding import BoundApproval
from provenance.policy.approvals import find_flaw, is_in_force, select_in_force
from tests.policy.build import DIGEST, approval

TODAY = date(2026, 11, 22)


def test_a_whole_approval_counts() -> None:
    assert find_flaw(approval()) is None
    assert is_in_force(approval(), TODAY)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("digest", ""),
        ("digest", "*"),
        ("digest", "sha256:*"),
        ("digest", "art/poster.png"),
        ("digest", DIGEST[:40]),
        ("digest", DIGEST.upper()),
        ("digest", DIGEST + "\n"),
        ("digest", DIGEST.removeprefix("sha256:")),
        ("digest", DIGEST.replace("sha256", "md5")),
        ("digest", f"{DIGEST},{DIGEST}"),
        ("who", ""),
        ("who", "   "),
        ("who", "-"),
        ("reason", ""),
        ("reason", "\t\n"),
        ("reason", "…"),
        ("reference", ""),
        ("reference", " ."),
        ("expires", ""),
        ("expires", "never"),
        ("expires", "2030"),
        ("expires", "20301231"),
        ("expires", "2030-W01-1"),
        ("expires", "2030-02-30"),
        ("expires", "2030-12-31T00:00:00Z"),
        ("expires", "31.12.2030"),
        ("expires", "２０３０-12-31"),
        ("expires", "2030-12-31\n"),
    ],
)
def test_a_bad_approval_never_counts_and_says_why(field: str, value: str) -> None:
    bad = approval(**{field: value})
    reason = find_flaw(bad)
    assert reason
    assert {"digest": "digest", "expires": "last day"}.get(field, field) in reason
    assert not is_in_force(bad, TODAY)
    assert select_in_force([BoundApproval(bad)], TODAY) == {}


@pytest.mark.parametrize(
    ("expires", "holds"), [("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", True), ("1999-01-01", False)]
)
def test_the_last_day_still_counts_and_the_next_no_more(expires: str, holds: bool) -> None:
    assert is_in_force(approval(expires=expires), TODAY) is holds


def test_of_several_the_longest_counts_in_any_order() -> None:
    rows = [BoundApproval(approval(expires=day)) for day in ("2026-01-01", "2028-01-01", "2027-01-01")]
    assert select_in_force(rows, TODAY) == select_in_force(rows[::-1], TODAY) == {DIGEST: [rows[1], rows[2]]}
