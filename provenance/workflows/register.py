"""The declared side: what people have approved, by content and until a day."""

from __future__ import annotations

import os
from collections.abc import Iterator

from provenance.errors import UsageError
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.finding import Approval
from provenance.policy.approvals import counts, flaw
from provenance.reports.escape import visible
from provenance.workflows.run import RunContext, load_approvals


def approve(what: str, who: str, reason: str, reference: str, expires: str, desk: RunContext) -> Approval:
    """Keep an approval of the content at a path, or of a digest. Raises `UsageError` for one that could never count."""
    approval = Approval(digest_of(what, desk), who, reason, reference, expires, desk.moment)
    if wrong := flaw(approval):
        raise UsageError(wrong, "give --who, --reason, --reference and --expires YYYY-MM-DD")
    with desk.catalogue(write=True) as catalogue:
        _, today = load_approvals(catalogue, desk)
        if not counts(approval, today):
            raise UsageError(f"{expires} is over", f"the catalogue knows {today}; name a last day still to come")
        catalogue.add_approval(approval, desk.moment)
    return approval


def withdraw(what: str, who: str, reason: str, desk: RunContext) -> int:
    """Let every approval of that content count no more; gives how many there were. Raises `UsageError` for none."""
    digest = digest_of(what, desk)
    with desk.catalogue(write=True) as catalogue:
        count = len(catalogue.withdraw_approval(digest, who, reason, desk.moment))
    if not count:
        raise UsageError(f"nothing approves {digest}", "see: provenance register list")
    return count


def list_approvals(desk: RunContext) -> Iterator[str]:
    """A line for each approval, those that count first."""
    with desk.catalogue(write=False) as catalogue:
        approvals, today = load_approvals(catalogue, desk)
    for row in sorted(approvals, key=lambda row: (not counts(row, today), row.expires, row.digest)):
        state = "counts " if counts(row, today) else "expired"
        yield visible(f"{state} until {row.expires}  {row.digest}  {row.who}: {row.reason} ({row.reference})")
    if not approvals:
        yield "nothing is approved"


def digest_of(what: str, desk: RunContext) -> str:
    """A digest as it is given, or that of the file at a path. Raises `UsageError` when the file cannot be read."""
    if what.startswith("sha256:") or not os.path.lexists(what):
        return what
    try:
        descriptor = open_readonly(os.fsencode(what))
        source = open_and_digest(descriptor, what, os.fstat(descriptor).st_size, desk.settings.limits)
    except OSError as fault:
        raise UsageError(f"{what} cannot be read: {fault.strerror or fault}", "name a file, or a digest") from fault
    source.file.close()
    return source.digest
