"""What changed since an earlier report: its assets and findings held against those of today."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.errors import UsageError
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding
from provenance.model.report import Delta, Move
from provenance.model.vocabulary import AI_ORIGINS, Severity
from provenance.reports.document import SCHEMA

_LARGEST = 1024 * 1024 * 1024
"""Bytes of a report that is read: far above that of a show with a million assets."""

Key = tuple[str, str]
"""Root and path of an asset; the root is empty where both reports are about one folder, which may have been renamed."""


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
        baseline.found.update((key, str(match["known"]["digest"])) for match in row["matches"])
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
    moves = _pair_moves(before, now)
    # What cannot be read today is not gone.
    unread = {trouble.path for trouble in troubles}
    gone = [key for key in before if key not in now and key[1] not in unread]
    found_before = {(make_key(*key), known) for key, known in baseline.found}
    # What was moved is looked for where it is now.
    open_before = {moves.get(make_key(*key), make_key(*key)) for key in baseline.open}
    states = _list_states(findings, make_key)
    return Delta(
        since=baseline.made_at,
        new=tuple(key[1] for key in now if key not in before and key not in moves.values()),
        changed=tuple(key[1] for key, digest in now.items() if before.get(key, digest) != digest),
        vanished=tuple(key[1] for key in gone if key not in moves),
        moved=tuple(Move(old[1], new[1]) for old, new in moves.items()),
        unchanged=sum(before.get(key) == digest for key, digest in now.items()),
        newly_generated=_list_newly_generated(baseline, cases),
        newly_found=_list_newly_found(cases, make_key, found_before),
        newly_approved=tuple(key[1] for key in sorted(open_before) if states.get(key) == "approved"),
        resolved=tuple(key[1] for key in sorted(open_before) if key not in states and key[1] not in unread),
    )


def _choose_key(old_roots: Sequence[str], roots: Sequence[str]) -> Callable[[str, str], Key]:
    # The next delivery often comes in a folder of another name: two reports about one folder each are compared by the
    # paths in it.
    if len(old_roots) == 1 and len(roots) == 1:
        return lambda _root, path: ("", path)
    return lambda root, path: (root, path)


def _pair_moves(before: dict[Key, str], now: dict[Key, str]) -> dict[Key, Key]:
    """Old and new place of every content whose old place is gone, in order of paths, each old place once."""
    gone: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(before, reverse=True):
        if key not in now and before[key]:
            gone[before[key]].append(key)
    moves = {}
    for key in sorted(now):
        if key not in before and gone[now[key]]:
            moves[gone[now[key]].pop()] = key
    return moves


def _list_states(findings: Iterable[Finding], make_key: Callable[[str, str], Key]) -> dict[Key, str]:
    """Of every place with a finding that asks for something: `open`, or `approved` when all of them are."""
    states: dict[Key, str] = {}
    for finding in findings:
        if finding.severity is Severity.NOTE:
            continue
        key = make_key(finding.root, finding.path)
        state = "approved" if finding.waived_by else "open"
        if states.get(key) != "open":
            states[key] = state
    return states


def _list_newly_generated(baseline: Baseline, cases: Iterable[Case]) -> tuple[str, ...]:
    """Paths of generated content that was not known as generated anywhere before."""
    generated = [case for case in cases if case.origin in AI_ORIGINS]
    return tuple(case.location.path for case in generated if case.reading.asset.digest not in baseline.generated)


def _list_newly_found(
    cases: Iterable[Case], make_key: Callable[[str, str], Key], before: set[tuple[Key, str]]
) -> tuple[str, ...]:
    texts: dict[str, None] = {}
    for case in cases:
        key = make_key(case.location.root, case.location.path)
        for match in case.matches:
            if (key, match.known.digest) not in before:
                texts[f"{case.location.path} shows {match.known.path}"] = None
    return tuple(texts)
