"""The declared side: entries are added, replaced, withdrawn and listed; none is ever deleted."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from provenance.catalogue.approvals import StoredApproval
from provenance.catalogue.entries import EntryChange
from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.asset import Location
from provenance.model.declaration import Entry, EntryEvent, Event, RegisteredEntry
from provenance.model.finding import Approval, Binding, BoundApproval, Case, Covered
from provenance.origin import decide_origin
from provenance.policy.approvals import list_covered
from provenance.policy.declaration_interface import Declaration, Surroundings
from provenance.policy.fields import FieldError, Name, Text, parse_text
from provenance.policy.register_rows import (
    EnteredRow,
    FileFlaw,
    ReadRows,
    check_rows,
    derive_id,
    load_kinds,
    make_row,
    parse_row,
    resolve_references,
)
from provenance.reports.register_note import ListedEntry, describe_entry, dump_entries
from provenance.workflows.declared import describe_state
from provenance.workflows.find import find_cases
from provenance.workflows.run import RunContext, find_today, load_approvals

APPROVAL = "approval"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MOST_PLACES = 20
"""Places of an approved content that are kept with its approval."""


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry that was entered, and what it covers if it is an approval."""

    entry: Entry
    covers: tuple[Covered, ...] = ()


@dataclass(slots=True)
class EnterResult:
    """What became of some rows."""

    entered: list[Entered] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)
    """What a person should know although nothing is wrong."""


def list_kinds() -> list[Declaration]:
    """Every kind of entry, with its fields."""
    return list(load_kinds().values())


def declare(
    kind: str,
    what: Sequence[str],
    given: Mapping[str, Sequence[str]],
    context: RunContext,
    *,
    allows_unknown: bool = False,
) -> EnterResult:
    """Enter one entry, by the texts of its fields.

    `what`: contents besides those in the field `content`, each a path, a name as a report prints it, or a digest.
    An approval covers what the catalogue knows of its content now. Raises `UsageError` for everything that is wrong.
    """
    require_catalogue(context, allows_unknown=allows_unknown)
    with context.open_catalogue(write=True) as catalogue:
        values = dict(given)
        if what:
            found = [find_digest(name, catalogue, context) for name in what]
            values["content"] = [*found, *values.get("content", ())]
        row = _parse_command_line(kind, values)
        if "id" not in values:
            row = replace(row, entry=_choose_id(row.entry, catalogue))
        return enter([row], ReadRows(), catalogue, context, allows_unknown=allows_unknown)


def _parse_command_line(kind: str, given: Mapping[str, Sequence[str]]) -> EnteredRow:
    declaration = load_kinds()[kind]
    entry, flaws = parse_row(make_row("", given), declaration)
    if flaws:
        # On the command line a field is an option.
        lines = []
        for flaw in flaws:
            known = declaration.find_field(flaw.field)
            lines.append(f"{known.option if known else flaw.field} {flaw.problem}; {flaw.remedy}")
        raise UsageError("\n  ".join(["nothing was entered", *lines]))
    return EnteredRow(entry, "", "")


def _choose_id(entry: Entry, catalogue: Catalogue) -> Entry:
    """The entry with an id of its own. Whoever approves the same content again approves what was found since."""
    if entry.kind != APPROVAL:
        return entry
    covers = [list_covered(_list_known(digest, catalogue)) for digest in entry.list("content")]
    first = derive_id(entry, repr(covers))
    taken = {row.entry.id for row in catalogue.load_entries() if row.entry.kind == APPROVAL and row.is_withdrawn}
    chosen, count = first, 1
    while chosen in taken:
        count += 1
        chosen = f"{first}-{count}"
    return replace(entry, id=chosen)


def enter(
    rows: Sequence[EnteredRow],
    read: ReadRows,
    catalogue: Catalogue,
    context: RunContext,
    *,
    allows_unknown: bool,
    is_dry: bool = False,
) -> EnterResult:
    """Enter all rows or none. `read`: what is wrong with other rows of the same files.

    Raises `UsageError` that names every wrong row.
    """
    registered = catalogue.load_entries()
    flaws, result = list(read.flaws), EnterResult()
    active = _index_active(registered)
    together = dict(active)
    hashed = []
    for row in rows:
        hashed.append(_digest_reference(row, flaws))
        together.setdefault(row.entry.key, hashed[-1].entry)
    new = _select_new([resolve_references(row, together) for row in hashed], registered, flaws, result)
    entries = dict(active)
    for row in new:
        entries[row.entry.key] = row.entry
    around = _make_surroundings(entries, registered, catalogue, context, allows_unknown=allows_unknown)
    flaws.extend(check_rows(new, around, read.mentioned))
    _refuse("nothing was entered", flaws)
    changes = [_make_change(row.entry, Event.ADDED, catalogue, context) for row in new]
    if changes and not is_dry:
        catalogue.record_entries(changes)
    result.entered = list(map(_describe_change, changes))
    return result


def _index_active(registered: Iterable[RegisteredEntry]) -> dict[tuple[str, str], Entry]:
    """The entries that count, by kind and id."""
    active = {}
    for row in registered:
        if not row.is_withdrawn:
            active[row.entry.key] = row.entry
    return active


def _make_surroundings(
    entries: Mapping[tuple[str, str], Entry],
    registered: Iterable[RegisteredEntry],
    catalogue: Catalogue,
    context: RunContext,
    *,
    allows_unknown: bool,
) -> Surroundings:
    return Surroundings(
        today=find_today(catalogue, context, registered),
        entries=entries,
        is_known=lambda digest: catalogue.find_reading(digest) is not None,
        allows_unknown=allows_unknown,
    )


def _refuse(headline: str, flaws: Iterable[FileFlaw]) -> None:
    """Raise `UsageError` when there is anything wrong."""
    lines = [flaw.describe() for flaw in flaws]
    if lines:
        raise UsageError("\n  ".join([headline, *lines]))


def _select_new(
    rows: Sequence[EnteredRow],
    registered: Iterable[RegisteredEntry],
    flaws: list[FileFlaw],
    result: EnterResult,
) -> list[EnteredRow]:
    """The rows that are not in the register yet; one whose id has other values there is a flaw."""
    known = {row.entry.key: row for row in registered}
    new: dict[tuple[str, str], EnteredRow] = {}
    for row in rows:
        key = row.entry.key
        twin, old = new.get(key), known.get(key)
        if twin is not None:
            if twin.entry != row.entry:
                place = f"{twin.file}: {twin.label}"
                flaws.append(row.object("id", f"{row.entry.id!r} has other values in {place}", "give it another id"))
        elif old is None:
            new[key] = row
        elif old.entry != row.entry:
            remedy = "give it another id"
            if not old.is_withdrawn:
                remedy += f", or: provenance register replace {key[0]} {key[1]}"
            flaws.append(row.object("id", f"{row.entry.id!r} has other values in the register", remedy))
        else:
            result.unchanged += 1
            if old.is_withdrawn:
                day = old.events[-1].entered_at[:10]
                result.notes.append(
                    f"{row.entry.called} was withdrawn on {day} and stays so: give it another id to enter it again"
                )
    return list(new.values())


def _digest_reference(row: EnteredRow, flaws: list[FileFlaw]) -> EnteredRow:
    """The row with the digest of the letter that it names. A letter is only digested, never read."""
    name = row.entry.get("reference_file")
    if not name:
        return row
    folder = os.path.realpath(os.path.dirname(row.file) or ".")
    path = os.path.realpath(os.path.join(folder, name))
    # A path in a file is never followed outside of the folder of that file; a path that the user types is.
    if row.file and not path.startswith(folder.rstrip(os.sep) + os.sep):
        flaws.append(row.object("reference_file", f"{name!r} is outside of {folder}", "put it beside the register"))
        return row
    try:
        digest = _hash_letter(path)
    except (OSError, ValueError) as fault:
        # ValueError: a null byte in the name.
        problem = f"{name!r} cannot be read: {getattr(fault, 'strerror', None) or fault}"
        flaws.append(row.object("reference_file", problem, "name a file beside the register, or below it"))
        return row
    wanted = row.entry.get("reference_sha256")
    if wanted and wanted != digest:
        problem = f"{wanted} is not that of {name}, which is {digest}"
        flaws.append(row.object("reference_sha256", problem, "check which letter is meant"))
    values = {**dict(row.entry.values), "reference_sha256": (digest,)}
    names = [known.name for known in load_kinds()[row.entry.kind].fields if known.name in values]
    return replace(row, entry=replace(row.entry, values=tuple((key, values[key]) for key in names)))


def _hash_letter(path: str) -> str:
    with os.fdopen(open_readonly(os.fsencode(path)), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_change(
    entry: Entry, event: Event, catalogue: Catalogue, context: RunContext, withdrawn: Sequence[StoredApproval] = ()
) -> EntryChange:
    """The event of an entry that counts from now on; an approval covers what is known of its content now."""
    made = EntryEvent(event, entry, context.timestamp, name_account())
    approvals = []
    for digest in entry.list("content") if entry.kind == APPROVAL else ():
        cases = _list_known(digest, catalogue)
        paths, places = [], []
        for case in cases[:_MOST_PLACES]:
            paths.append(case.location.path)
            places.append(f"{case.location.root}/{case.location.path}")
        binding = Binding(list_covered(cases), not cases, entry.id, tuple(paths), tuple(places))
        words = entry.get("approved_by"), entry.get("reason"), entry.get("reference")
        approvals.append((Approval(digest, *words, entry.get("until"), context.timestamp), binding))
    return EntryChange(made, _list_rows(withdrawn), tuple(approvals))


def _list_rows(approvals: Iterable[StoredApproval]) -> tuple[int, ...]:
    return tuple(approval.row for approval in approvals)


def _describe_change(change: EntryChange) -> Entered:
    covers = [row for _, binding in change.approvals for row in binding.covers]
    return Entered(change.event.entry, tuple(dict.fromkeys(covers)))


def replace_entry(
    kind: str, name: str, given: Mapping[str, Sequence[str]], context: RunContext, *, allows_unknown: bool = False
) -> Entered:
    """Give an entry other values; a field that is not given stays, one that is given empty goes. The old ones stay
    readable. An approval covers what is known of its content now. Raises `UsageError`.
    """
    require_catalogue(context)
    with context.open_catalogue(write=True) as catalogue:
        entries = catalogue.load_entries()
        old = _find_active(kind, name, entries)
        values: dict[str, Sequence[str]] = {**dict(old.values), "id": (name,), **given}
        row = _parse_command_line(kind, values)
        active = _index_active(entries)
        flaws: list[FileFlaw] = []
        row = resolve_references(_digest_reference(row, flaws), active)
        if row.entry == old:
            raise UsageError(f"{old.called} has these values already", "give those that change")
        together = {**active, (kind, name): row.entry}
        around = _make_surroundings(together, entries, catalogue, context, allows_unknown=allows_unknown)
        flaws.extend(check_rows([row], around, set()))
        _refuse("nothing was replaced", flaws)
        ended = _list_approvals_of(kind, name, catalogue)
        change = _make_change(row.entry, Event.REPLACED, catalogue, context, ended)
        catalogue.record_entries([change])
    return _describe_change(change)


def withdraw(kind: str, what: str, who: str, reason: str, context: RunContext) -> list[str]:
    """Let an entry count no more; gives what was withdrawn, as `approval a1`.

    `what` is an id; an approval may also be named by its content: then every approval of it is withdrawn. Raises
    `UsageError` when there is nothing to withdraw.
    """
    require_catalogue(context)
    try:
        who, reason = parse_text(Name(), who), parse_text(Text(), reason)
    except FieldError as error:
        raise UsageError(f"nothing was withdrawn: {error.problem}", error.remedy) from error
    with context.open_catalogue(write=True) as catalogue:
        entries = catalogue.load_entries()
        active = _index_active(entries)
        if (kind, what) in active:
            entry = active[kind, what]
            _record_withdrawal([entry], who, reason, catalogue, context)
            return [entry.called]
        if kind == APPROVAL:
            return _withdraw_content(what, who, reason, list(active.values()), catalogue, context)
        raise _make_missing_error(kind, what, entries)


def _withdraw_content(
    what: str, who: str, reason: str, active: Sequence[Entry], catalogue: Catalogue, context: RunContext
) -> list[str]:
    """Withdraw every approval of a content, those of older versions included."""
    digest = find_digest(what, catalogue, context)
    chosen = [entry for entry in active if entry.kind == APPROVAL and digest in entry.list("content")]
    _record_withdrawal(chosen, who, reason, catalogue, context)
    older = [row for row in catalogue.list_approvals() if row.approval.digest == digest]
    if older:
        catalogue.withdraw_approval(digest, who, reason, context.timestamp)
    if not chosen and not older:
        raise UsageError(f"nothing approves {digest}", "see: provenance register list")
    return [entry.called for entry in chosen] + [f"approval of {row.approval.digest}" for row in older]


def _record_withdrawal(
    chosen: Sequence[Entry], who: str, reason: str, catalogue: Catalogue, context: RunContext
) -> None:
    changes = []
    for entry in chosen:
        event = EntryEvent(Event.WITHDRAWN, entry, context.timestamp, name_account(), who, reason)
        ended = _list_approvals_of(entry.kind, entry.id, catalogue)
        changes.append(EntryChange(event, _list_rows(ended)))
    catalogue.record_entries(changes)


def _list_approvals_of(kind: str, name: str, catalogue: Catalogue) -> list[StoredApproval]:
    """The stored approvals of one entry."""
    if kind != APPROVAL:
        return []
    return [row for row in catalogue.list_approvals() if row.binding and row.binding.entry == name]


def _find_active(kind: str, name: str, entries: Sequence[RegisteredEntry]) -> Entry:
    active = _index_active(entries)
    if (kind, name) not in active:
        raise _make_missing_error(kind, name, entries)
    return active[kind, name]


def _make_missing_error(kind: str, name: str, entries: Sequence[RegisteredEntry]) -> UsageError:
    if any(row.entry.key == (kind, name) for row in entries):
        return UsageError(f"{kind} {name} was withdrawn", "see: provenance register list")
    return UsageError(f"there is no {kind} {name!r} in the register", "see: provenance register list")


def list_lines(kind: str | None, context: RunContext) -> Iterator[str]:
    """Every entry with its fields and its history, for a person."""
    listed = _list_entries(kind, context)
    for row in listed:
        yield from describe_entry(row)
    if not listed:
        yield f"no {kind} is registered" if kind else "nothing is registered"


def list_document(kind: str | None, context: RunContext) -> str:
    """The same as JSON."""
    return dump_listed(_list_entries(kind, context))


def dump_listed(rows: Sequence[ListedEntry]) -> str:
    """Entries as one JSON document."""
    lists = {name: {field.name for field in row.fields if field.type.is_list} for name, row in load_kinds().items()}
    return dump_entries(rows, lists)


def _list_entries(kind: str | None, context: RunContext) -> list[ListedEntry]:
    with context.open_catalogue(write=False) as catalogue:
        rows = list_registered(catalogue, context)
    return [row for row in rows if kind is None or row.registered.entry.kind == kind]


def list_registered(catalogue: Catalogue, context: RunContext) -> list[ListedEntry]:
    """Every entry of an open catalogue with its state of today."""
    entries = catalogue.load_entries()
    approvals, _ = load_approvals(catalogue, context)
    today = find_today(catalogue, context, entries)
    covers: dict[str, list[Covered]] = {}
    for bound in approvals:
        covers.setdefault(bound.approval.entry, []).extend(bound.covers)
    rows = []
    for registered in entries:
        entry = registered.entry
        covered = covers.get(entry.id, []) if entry.kind == APPROVAL else []
        rows.append(ListedEntry(registered, describe_state(registered, today), tuple(dict.fromkeys(covered))))
    rows.extend(_list_older(bound, today) for bound in approvals if not bound.approval.entry)
    return rows


def _list_older(bound: BoundApproval, today: date) -> ListedEntry:
    """An approval that an older version of the program kept, in the form of an entry."""
    row = bound.approval
    values = {
        "content": row.digest,
        "approved_by": row.who,
        "reason": row.reason,
        "reference": row.reference,
        "until": row.expires,
    }
    entry = Entry(APPROVAL, "", tuple((name, (value,)) for name, value in values.items()))
    event = EntryEvent(Event.ADDED, entry, row.added_at, "")
    return ListedEntry(RegisteredEntry((event,)), describe_state(RegisteredEntry((event,)), today), bound.covers)


def name_account() -> str:
    """The account of the system that runs the program; not what a variable of the environment says."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        # A container may run as an account that has no name.
        return f"uid {number}"


def find_digest(what: str, catalogue: Catalogue, context: RunContext) -> str:
    """A digest as it is given, that of the file at a path, or that of the one asset with this name in the catalogue.

    Raises `UsageError` when the file cannot be read, or the name stands for nothing or for several assets.
    """
    if what.startswith("sha256:"):
        return what
    if os.path.isfile(what) or os.path.islink(what):
        return _digest_file(what, catalogue, context)
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


def _digest_file(path: str, catalogue: Catalogue, context: RunContext) -> str:
    try:
        descriptor = open_readonly(os.fsencode(path))
        source = open_and_digest(descriptor, path, os.fstat(descriptor).st_size, context.settings.limits)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror or fault}", "name a file, or a digest") from fault
    source.file.close()
    is_known = catalogue.find_reading(source.digest) is not None
    if not is_known and catalogue.find_by_path(os.path.realpath(os.fsencode(path))):
        context.announce(f"{path} has changed since it was read: the catalogue does not know this content")
    return source.digest


def require_catalogue(context: RunContext, *, allows_unknown: bool = False) -> None:
    """Raise `UsageError` when there is no catalogue: a mistyped name must not become one with a single entry in it."""
    place = context.settings.catalogue
    if not allows_unknown and not os.path.exists(place):
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
