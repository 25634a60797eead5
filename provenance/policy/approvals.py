"""Which approvals are in force. An approval names one content by its digest, who approved it, why, where the letter is
kept, and its last day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from provenance.model.finding import Approval

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def find_flaw(approval: Approval) -> str | None:
    """Why this approval can never count, as a sentence for a person; None when it is well-formed.

    It holds for one content only: no pattern, no path, no part of a digest. Nothing about it may stay open.
    """
    if not _DIGEST.fullmatch(approval.digest):
        return "an approval must name one content by its whole digest: sha256: and 64 hexadecimal digits"
    for field in ("who", "reason", "reference"):
        # a dash or a dot in place of a name would approve something for nobody
        if not any(character.isalnum() for character in getattr(approval, field)):
            return f"an approval must give its {field}"
    if _parse_last_day(approval) is None:
        return "an approval must have a last day, written YYYY-MM-DD"
    return None


def is_in_force(approval: Approval, today: date) -> bool:
    """Whether the approval is well-formed and has not expired; it is still in force on its last day."""
    last_day = _parse_last_day(approval)
    return find_flaw(approval) is None and last_day is not None and today <= last_day


def select_in_force(approvals: Iterable[Approval], today: date) -> dict[str, Approval]:
    """The approvals in force, by digest; of several for one content the one that lasts longest."""
    return _keep_longest(row for row in approvals if is_in_force(row, today))


def select_expired_approvals(approvals: Iterable[Approval], today: date) -> dict[str, Approval]:
    """The well-formed approvals that have expired, by digest; of several for one content the newest."""
    return _keep_longest(row for row in approvals if find_flaw(row) is None and not is_in_force(row, today))


def _keep_longest(approvals: Iterable[Approval]) -> dict[str, Approval]:
    def get_order(row: Approval) -> tuple[str, ...]:
        return row.expires, row.added_at, row.who, row.reference

    # Later entries of a dict replace earlier ones, so the last in this order stays. The order must not depend on the
    # order of rows in the catalogue: two reports on the same state must be the same.
    return {row.digest: row for row in sorted(approvals, key=get_order)}


def _parse_last_day(approval: Approval) -> date | None:
    # date.fromisoformat also takes `20301231` and week dates, which people read differently
    if not _DAY.fullmatch(approval.expires):
        return None
    try:
        return date.fromisoformat(approval.expires)
    except ValueError:
        return None
