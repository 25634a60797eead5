"""The declared side: what people have approved, by content and until a day."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.asset import Location
from provenance.model.finding import Approval, Binding, BoundApproval, Case
from provenance.origin import decide_origin
from provenance.policy.approvals import find_flaw, is_in_force, list_covered
from provenance.reports.approval_note import describe_covered
from provenance.reports.escape import make_visible
from provenance.workflows.find import find_cases
from provenance.workflows.run import RunContext, load_approvals

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def approve(
    what: str, who: str, reason: str, reference: str, expires: str, context: RunContext, *, is_unknown: bool = False
) -> BoundApproval:
    """Keep an approval of the content of a path, of a name that a report prints, or of a digest.

    It covers what the catalogue knows of that content now. Raises `UsageError` for one that could never count, and for
    content that the catalogue does not know, unless `is_unknown`: then it covers what the first reading finds.
    """
    _require_catalogue(context, is_unknown=is_unknown)
    with context.open_catalogue(write=True) as catalogue:
        digest = find_digest(what, catalogue, context)
        approval = Approval(digest, who, reason, reference, expires, context.timestamp)
        if wrong := find_flaw(approval):
            raise UsageError(wrong, "give --who, --reason, --reference and --expires YYYY-MM-DD")
        _, today = load_approvals(catalogue, context)
        if not is_in_force(approval, today):
            raise UsageError(f"{expires} is over", f"the catalogue knows {today}; name a last day still to come")
        cases = _list_known(digest, catalogue)
        if not cases and not is_unknown:
            raise _make_unknown_error(what, digest, catalogue)
        binding = Binding(list_covered(cases), is_unknown=not cases)
        catalogue.add_approval(approval, context.timestamp, binding)
    return BoundApproval(approval, binding.covers)


def withdraw(what: str, who: str, reason: str, context: RunContext) -> int:
    """Let every approval of that content count no more; gives how many there were. Raises `UsageError` for none."""
    _require_catalogue(context)
    with context.open_catalogue(write=True) as catalogue:
        digest = find_digest(what, catalogue, context)
        count = len(catalogue.withdraw_approval(digest, who, reason, context.timestamp))
    if not count:
        raise UsageError(f"nothing approves {digest}", "see: provenance register list")
    return count


def list_approvals(context: RunContext) -> Iterator[str]:
    """A line for each approval, those that count first, and below it what it covers."""
    with context.open_catalogue(write=False) as catalogue:
        approvals, today = load_approvals(catalogue, context)

    def get_order(bound: BoundApproval) -> tuple[bool, str, str]:
        return not is_in_force(bound.approval, today), bound.approval.expires, bound.approval.digest

    for bound in sorted(approvals, key=get_order):
        row = bound.approval
        state = "counts " if is_in_force(row, today) else "expired"
        yield make_visible(f"{state} until {row.expires}  {row.digest}  {row.who}: {row.reason} ({row.reference})")
        for line in describe_covered(bound.covers):
            yield f"         covers {line}"
        if not bound.covers:
            yield "         covers no finding so far"
    if not approvals:
        yield "nothing is approved"


def find_digest(what: str, catalogue: Catalogue, context: RunContext) -> str:
    """A digest as it is given, that of the file at a path, or that of the one asset with this name in the catalogue.

    Raises `UsageError` when the file cannot be read, or the name stands for nothing or for several assets.
    """
    if what.startswith("sha256:"):
        return what
    if os.path.isfile(what) or os.path.islink(what):
        return _digest_file(what, context)
    cases = find_cases(what, catalogue, context.settings.storages)
    digests = {case.reading.asset.digest for case in cases} - {""}
    if cases and not digests:
        raise UsageError(f"{what} could not be read, so nobody knows what it contains", "see: provenance show")
    if not digests:
        raise UsageError(
            f"there is no file {what}, and the catalogue knows nothing of that name",
            "name a file, a digest, or an asset as a report prints it",
        )
    return digests.pop()


def _digest_file(path: str, context: RunContext) -> str:
    try:
        descriptor = open_readonly(os.fsencode(path))
        source = open_and_digest(descriptor, path, os.fstat(descriptor).st_size, context.settings.limits)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror or fault}", "name a file, or a digest") from fault
    source.file.close()
    return source.digest


def _require_catalogue(context: RunContext, *, is_unknown: bool = False) -> None:
    # A mistyped name must not become a new catalogue with one approval in it.
    place = context.settings.catalogue
    if not is_unknown and not os.path.exists(place):
        raise UsageError(f"{place}: there is no catalogue", "name one with --catalogue; `provenance scan` makes one")


def _list_known(digest: str, catalogue: Catalogue) -> list[Case]:
    """All that is known of a content: at every place that has it, or had it last."""
    if not _DIGEST.fullmatch(digest):
        return []
    cases = catalogue.find_by_digest(digest)
    reading = catalogue.find_reading(digest)
    if cases or reading is None:
        return cases
    # Every place that had it has other bytes by now.
    origin = decide_origin(reading.evidence)
    return [Case(Location("", digest, b""), reading, origin, catalogue.matches(digest, origin))]


def _make_unknown_error(what: str, digest: str, catalogue: Catalogue) -> UsageError:
    known = f"{what}: the catalogue does not know this content"
    if catalogue.find_by_path(os.path.realpath(os.fsencode(what))):
        known = f"{what} has changed since it was read: the catalogue does not know this content"
    return UsageError(
        f"{known} ({digest})",
        "scan it first, so that the approval covers what was found; or say --unseen, to approve the marks that the "
        "first reading of it gives",
    )
