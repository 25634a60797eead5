"""`plan`: walk once, and divide what is to be read into shards for many machines. Reads no media."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provenance import __version__
from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.intake.collect import Item, ReadTerms, is_current, was_read_in_part
from provenance.intake.plan_file import (
    SCHEMA,
    PlanHeader,
    PlanLine,
    PlannedRoot,
    PlanWriter,
    Readers,
    Tool,
    UsedList,
    decode_name,
)
from provenance.intake.sequences import NumberedFiles, group_by_number
from provenance.intake.versions import ReadingVersions
from provenance.intake.walk import Walk, outermost
from provenance.limits import Limits
from provenance.media.places import is_empty, is_folder
from provenance.model.asset import FingerprintLevel, Location
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Zone
from provenance.trust import TrustStore
from provenance.workflows.components import list_missing
from provenance.workflows.read import default_level
from provenance.workflows.run import RunContext, describe_plugins, wants_labels

MOST_SHARDS = 100_000
"""Shards of one plan."""


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A plan that was written."""

    header: PlanHeader
    troubles: tuple[Trouble, ...]
    """What the walk could not look at."""

    @property
    def exit_code(self) -> int:
        """3 when something could not be listed: no shard will hold it."""
        return 3 if self.troubles else 0


def plan(
    paths: Sequence[str],
    zone: Zone,
    shards: int,
    out: str,
    context: RunContext,
    fingerprints: FingerprintLevel | None = None,
    known: str | None = None,
) -> PlanMade:
    """Write a plan of `shards` shards to `out`, which must not exist yet.

    `known`: a catalogue; what it knows and has not changed is left out. Raises `UsageError`.
    """
    if os.path.lexists(out):
        raise UsageError(f"{out} is there already", "name a file that is not there yet, or delete the old plan")
    walk = context.walk(paths)
    store = context.load_trust_store()
    level = fingerprints or default_level(zone)
    labels = wants_labels(context.settings)
    readers = describe_readers(context, store)
    folder, part = os.path.dirname(os.path.abspath(out)), f"{out}.part"
    with contextlib.ExitStack() as stack:
        catalogue = _open_known(known, context, stack)
        try:
            file = stack.enter_context(open(part, "wb"))
            writer = stack.enter_context(PlanWriter(folder))
        except OSError as fault:
            hint = "name a file in a folder that is there and can be written to"
            raise UsageError(f"{out} cannot be written: {fault.strerror}", hint) from fault
        versions = ReadingVersions(context.describe_conditions(store))
        if catalogue:
            versions.compare(catalogue.versions.load_names())
        is_unchanged = _make_comparison(catalogue, ReadTerms(level, labels=labels, versions=versions))
        roots, walks = _walk_roots(walk, writer, is_unchanged)
        troubles = [trouble for walked in walks for trouble in walked.troubles]
        header = PlanHeader(
            schema=SCHEMA,
            made_at=context.timestamp,
            tool=Tool("provenance", __version__),
            roots=tuple(roots),
            zone=zone,
            exclude=tuple(walk.exclude),
            unmatched_excludes=_find_unmatched(walks),
            fingerprints=level,
            labels=labels,
            limits=context.settings.limits,
            readers=readers,
            catalogue=catalogue.ledger.identity if catalogue else None,
            left_out=0,
            troubles=len(troubles),
            sections=(),
            sha256="",
        )
        header = writer.write(file, header, shards)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, out)
    return PlanMade(header, tuple(troubles))


def describe_readers(context: RunContext, store: TrustStore) -> Readers:
    """All that decides what this machine reads out of a file, by name; the limits are in the settings."""
    lists = tuple([UsedList(trust_list.name, trust_list.sha256) for trust_list in store.lists])
    return Readers(
        context.name_readers(store),
        lists,
        describe_plugins(context),
        tuple(list_missing()),
    )


def refuse_other_readers(header: PlanHeader, context: RunContext, store: TrustStore) -> None:
    """Raise `UsageError` with the name of what is another here than where the plan was made."""
    own = describe_readers(context, store)
    for difference in _list_differences(header, own, context.settings.limits):
        hint = "install and configure this machine as the one that made the plan, or plan again"
        raise UsageError(f"this machine would not read as the plan says: {difference}", hint)


def _list_differences(header: PlanHeader, own: Readers, limits: Limits) -> Iterator[str]:
    planned = header.readers
    if header.tool.version != __version__:
        yield f"it has provenance {__version__}, the plan was made by {header.tool.version}"
    for field in dataclasses.fields(limits):
        here, there = getattr(limits, field.name), getattr(header.limits, field.name)
        if here != there:
            yield f"[limits] {field.name} is {here} here and {there} in the plan"
    for trust_list in sorted(set(own.trust_lists) ^ set(planned.trust_lists), key=lambda row: row.name):
        yield f"the trust list {trust_list.name!r} is another, or only on one side"
    for name in sorted(set(own.plugins) ^ set(planned.plugins)):
        yield f"the plug-in {name!r} is only on one side"
    for name in sorted(set(own.not_installed) ^ set(planned.not_installed)):
        yield f"the component {name!r} is installed only on one side"
    if own.digest != planned.digest:
        yield "its readers are of another version"


def _open_known(known: str | None, context: RunContext, stack: contextlib.ExitStack) -> Catalogue | None:
    if known is None:
        return None
    catalogue = stack.enter_context(context.open_catalogue(write=False))
    catalogue.hold_still()
    return catalogue


def _walk_roots(
    walk: Walk, writer: PlanWriter, is_unchanged: Callable[[Item], bool]
) -> tuple[list[PlannedRoot], list[Walk]]:
    """Hand everything below the roots to the writer."""
    roots, walks = [], []
    for number, place in enumerate(outermost(walk.roots)):
        is_whole = is_folder(place)
        has_nothing = is_whole and not _has_entries(place)
        roots.append(PlannedRoot(decode_name(place), is_whole, has_nothing))
        walked = Walk([place], walk.exclude)
        for folder in walked.folders():
            wanted = []
            for item in group_by_number(folder):
                if is_unchanged(item):
                    writer.leave_out(number, item)
                else:
                    wanted.append(item)
            if wanted:
                writer.add_folder(number, wanted)
        for trouble in walked.troubles:
            writer.write_unread(PlanLine(trouble=trouble))
        for name in walked.missed:
            writer.write_unread(PlanLine(missed=decode_name(name)))
        walks.append(walked)
    return roots, walks


def _has_entries(folder: bytes) -> bool:
    try:
        return not is_empty(folder)
    except OSError:
        return True  # It is not empty, it could not be looked into; the walk says so.


def _find_unmatched(walks: Sequence[Walk]) -> tuple[str, ...]:
    """Exclude patterns that matched nothing below any root."""
    matched: set[str] = set()
    for walk in walks:
        matched |= walk.matched_patterns
    patterns = walks[0].exclude if walks else ()
    return tuple(pattern for pattern in patterns if pattern not in matched)


def _make_comparison(catalogue: Catalogue | None, terms: ReadTerms) -> Callable[[Item], bool]:
    """What tells whether something was read before and need not be read again."""

    def is_known(item: Item) -> bool:
        if catalogue is None:
            return False
        stored = catalogue.find_change_key(item.root, item.relative)
        if stored is None or not is_current(stored, item.change_key, terms) or was_read_in_part(stored):
            return False
        # What could not be looked at inside it is tried again, so that it is told again.
        inside = catalogue.find_inside(Location(item.root, item.shown, item.relative))
        return not any(case.reading.troubles for case in inside)

    def is_unchanged(item: Item) -> bool:
        if not isinstance(item, NumberedFiles):
            return is_known(item)
        if is_known(item):
            odd = [catalogue and catalogue.find_change_key(frame.root, frame.relative) for _, frame in item.frames]
            return not any(stored and was_read_in_part(stored) for stored in odd)
        return all(is_known(frame) for _, frame in item.frames)  # Numbered, but single stills.

    return is_unchanged
