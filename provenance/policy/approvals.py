"""Which approvals count. An approval names one content by its digest, says who, why and where it is kept, and ends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from provenance.model.finding import Approval

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def flaw(approval: Approval) -> str | None:
    """Why this approval can never count, as a sentence for a person; None when it is well-formed.

    It holds for one content only: no pattern, no path, no part of a digest. Nothing about it may be left open.
    """
    if not _DIGEST.fullmatch(approval.digest):
        return "an approval names one content by its whole digest: sha256: and 64 hexadecimal digits"
    for field in ("who", "reason", "reference"):
        if not any(character.isalnum() for character in getattr(approval, field)):
            return f"an approval says {field}"
    if _last_day(approval) is None:
        return "an approval has a last day, written YYYY-MM-DD"
    return None


def counts(approval: Approval, today: date) -> bool:
    """Whether the approval is well-formed and has not expired; its last day still counts."""
    last = _last_day(approval)
    return flaw(approval) is None and last is not None and today <= last


def in_force(approvals: Iterable[Approval], today: date) -> dict[str, Approval]:
    """The approvals that count, by digest; of several for one content the one that lasts longest."""
    valid = [approval for approval in approvals if counts(approval, today)]
    return {
        row.digest: row for row in sorted(valid, key=lambda row: (row.expires, row.added_at, row.who, row.reference))
    }


def ended(approvals: Iterable[Approval], today: date) -> dict[str, Approval]:
    """The well-formed approvals that have expired, by digest; of several for one content the newest."""
    over = [row for row in approvals if flaw(row) is None and not counts(row, today)]
    return {
        row.digest: row for row in sorted(over, key=lambda row: (row.expires, row.added_at, row.who, row.reference))
    }


def _last_day(approval: Approval) -> date | None:
    if not _DAY.fullmatch(approval.expires):
        return None
    try:
        return date.fromisoformat(approval.expires)
    except ValueError:
        return None
