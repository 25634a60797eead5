"""The declared side: what people have approved, by content and until a day."""

from __future__ import annotations

import os
from collections.abc import Iterator

from provenance.errors import UsageError
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.finding import Approval
from provenance.policy.approvals import find_flaw, is_in_force
from provenance.reports.escape import make_visible
from provenance.workflows.run import RunContext, load_approvals


def approve(what: str, who: str, reason: str, reference: str, expires: str, context: RunContext) -> Approval:
    """Keep an approval of the content at a path, or of a digest. Raises `UsageError` for one that could never count."""
    approval = Approval(digest_of(what, context), who, reason, reference, expires, context.timestamp)
    if wrong := find_flaw(approval):
        raise UsageError(wrong, "give --who, --reason, --reference and --expires YYYY-MM-DD")
    with context.open_catalogue(write=True) as catalogue:
        _, today = load_approvals(catalogue, context)
        if not is_in_force(approval, today):
            raise UsageError(f"{expires} is over", f"the catalogue knows {today}; name a last day still to come")
        catalogue.add_approval(approval, context.timestamp)
    return approval


def withdraw(what: str, who: str, reason: str, context: RunContext) -> int:
    """Let every approval of that content count no more; gives how many there were. Raises `UsageError` for none."""
    digest = digest_of(what, context)
    with context.open_catalogue(write=True) as catalogue:
        count = len(catalogue.withdraw_approval(digest, who, reason, context.timestamp))
    if not count:
        raise UsageError(f"nothing approves {digest}", "see: provenance register list")
    return count


def list_approvals(context: RunContext) -> Iterator[str]:
    """A line for each approval, those that count first."""
    with context.open_catalogue(write=False) as catalogue:
        approvals, today = load_approvals(catalogue, context)
    for row in sorted(approvals, key=lambda row: (not is_in_force(row, today), row.expires, row.digest)):
        state = "counts " if is_in_force(row, today) else "expired"
        yield make_visible(f"{state} until {row.expires}  {row.digest}  {row.who}: {row.reason} ({row.reference})")
    if not approvals:
        yield "nothing is approved"


def digest_of(what: str, context: RunContext) -> str:
    """A digest as it is given, or that of the file at a path. Raises `UsageError` when the file cannot be read."""
    if what.startswith("sha256:") or not os.path.lexists(what):
        return what
    try:
        descriptor = open_readonly(os.fsencode(what))
        source = open_and_digest(descriptor, what, os.fstat(descriptor).st_size, context.settings.limits)
    except OSError as fault:
        raise UsageError(f"{what} cannot be read: {fault.strerror or fault}", "name a file, or a digest") from fault
    source.file.close()
    return source.digest
