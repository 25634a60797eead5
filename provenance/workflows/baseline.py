"""What changed since an earlier report: its assets and findings held against those of today."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.errors import UsageError
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Delta, Move
from provenance.model.vocabulary import AI_ORIGINS, Severity
from provenance.reports.document import SCHEMA
from provenance.workflows.changed_places import Key, compare_open, list_open, pair_moves

_LARGEST = 1024 * 1024 * 1024
"""Bytes of a report that is read: far above that of a show with a million assets."""


@dataclass(slots=True)
class Baseline:
    """An earlier report, as far as it is compared."""

    made_at: str
    roots: list[str]
    digests: dict[Key, str] = field(default_factory=dict)
    """Digest of every asset."""
    generated: set[str] = field(default_factory=set)
    """Digests of what was known as generated then."""
    found: set[tuple[Key, str]] = field(default_factory=set)
    """Places, and the digests of the known material that was found there."""
    open: set[Key] = field(default_factory=set)
    """Places with a finding that asked for something and that nobody had approved."""


def load_baseline(path: str) -> Baseline:
    """Read a report that `--format json` wrote. Raises `UsageError` for anything else."""
    hint = "name a report that was written with --output json=FILE"
    try:
        if os.path.getsize(path) > _LARGEST:
            raise UsageError(f"{path} is too large for a report", hint)
        with open(path, "rb") as file:
            document = json.load(file)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise UsageError(f"{path} is not a report of this program ({SCHEMA})", hint)
        return _parse(document)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", hint) from fault
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} is not a whole report of this program", hint) from error


def _parse(document: dict[str, Any]) -> Baseline:
    """Raises `KeyError`, `TypeError` or `AttributeError` for a document of another shape."""
    roots = [str(root) for root in document["inputs"]["roots"]]
    baseline = Baseline(str(document["made_at"]), roots)
    for row in document["assets"]:
        key = str(row["root"]), str(row["path"])
        baseline.digests[key] = str(row["digest"])
        if row["origin"] in AI_ORIGINS:
            baseline.generated.add(str(row["digest"]))
        for match in row["matches"]:
            baseline.found.add((key, str(match["known"]["digest"])))
    for row in document["findings"]:
        if row["severity"] != Severity.NOTE and not row["waived_by"]:
            baseline.open.add((str(row["root"]), str(row["path"])))
    return baseline


def compare(
    baseline: Baseline,
    roots: Sequence[str],
    cases: Sequence[Case],
    findings: Iterable[Finding],
    troubles: Iterable[Trouble],
) -> Delta:
    """What is new, gone, changed and resolved since the baseline. `troubles` are those that belong to no asset."""
    make_key = _choose_key(baseline.roots, roots)
    before = {make_key(*key): digest for key, digest in baseline.digests.items()}
    now = {make_key(case.location.root, case.location.path): case.reading.asset.digest for case in cases}
    gone = {key: digest for key, digest in before.items() if key not in now}
    come = {key: digest for key, digest in now.items() if key not in before}
    moves = pair_moves(gone, come)
    moved_to = set(moves.values())
    # What cannot be read today is not gone, and what was wrong with it is not resolved.
    unread = {trouble.path for trouble in troubles}
    new, changed = [], []
    unchanged = 0
    for key, digest in now.items():
        if key not in before:
            if key not in moved_to:
                new.append(key[1])
        elif before[key] == digest:
            unchanged += 1
        else:
            changed.append(key[1])
    vanished = [key[1] for key in before if key not in now and key not in moves and key[1] not in unread]
    newly_approved, resolved = compare_open(
        {make_key(*key) for key in baseline.open},
        list_open(findings, lambda finding: make_key(finding.root, finding.path)),
        moves,
        lambda key: key[1] in unread,
    )
    return Delta(
        since=baseline.made_at,
        new=tuple(new),
        changed=tuple(changed),
        vanished=tuple(vanished),
        moved=tuple(Move(old[1], new[1]) for old, new in moves.items()),
        unchanged=unchanged,
        newly_generated=tuple(_find_newly_generated(baseline, cases)),
        newly_found=_list_newly_found(baseline, cases, make_key),
        newly_approved=tuple(path for _, path in newly_approved),
        resolved=tuple(path for _, path in resolved),
    )


def _choose_key(old_roots: Sequence[str], roots: Sequence[str]) -> Callable[[str, str], Key]:
    # The next delivery often comes in a folder of another name: two reports about one folder each are compared by the
    # paths in it.
    if len(old_roots) == 1 and len(roots) == 1:
        return lambda _root, path: ("", path)
    return lambda root, path: (root, path)


def _find_newly_generated(baseline: Baseline, cases: Iterable[Case]) -> Iterator[str]:
    """Paths of generated content that was not known as generated anywhere before."""
    for case in cases:
        if case.origin in AI_ORIGINS and case.reading.asset.digest not in baseline.generated:
            yield case.location.path


def _list_newly_found(
    baseline: Baseline, cases: Iterable[Case], make_key: Callable[[str, str], Key]
) -> tuple[str, ...]:
    """Sentences about known material that was not found at this place before."""
    before = {(make_key(*key), known) for key, known in baseline.found}
    texts: dict[str, None] = {}
    for case in cases:
        key = make_key(case.location.root, case.location.path)
        for match in case.matches:
            if (key, match.known.digest) not in before:
                texts[f"{case.location.path} shows {match.known.path}"] = None
    return tuple(texts)
