"""What was found in the shots of a test movie, and the tables about it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.matching import pdq
from benchmarks.matching.edits import find_true_ends
from benchmarks.matching.material import RATE

_EXACT_FRAMES = 1.01
"""Frames by which an in or out point may miss and count as exact: one, and what rounding adds."""
_EXACT_SECONDS = 0.25
"""The same in a known clip."""
_OVERLAP_FRAMES = 5.0
"""Frames by which a match must be inside a shot; for a brief one half of its length suffices."""
_SHARES = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
"""Shares of agreeing blocks that are tabulated."""
_EDITS_HEAD = f"| edit | found | PDQ a frame ({pdq.NAME}) | reported as a copy | in/out within a frame |"


@dataclass(frozen=True)
class Shot:
    """What was put into a test movie."""

    kind: str
    """`edit`, `speed`, `hazard` or `unrelated`."""
    name: str
    known: str
    """Stem of the known file; empty when there is none."""
    first: int
    """First frame."""
    end: int
    """Frame after the last one."""
    source: tuple[float, float] | None = None
    """Seconds of the known clip that are shown."""


@dataclass
class Row:
    """Figures of one edit, speed or hazard."""

    tried: int = 0
    found: int = 0
    copies: int = 0
    """Found and reported as a copy."""
    pdq: int = 0
    """Found by PDQ."""
    errors: list[float] = field(default_factory=list)
    """Frames by which in and out points miss."""
    source: list[float] = field(default_factory=list)
    """Seconds by which in and out points in the known clip miss."""


@dataclass
class Score:
    """Figures of all test movies."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """By kind and name."""
    by_material: dict[str, Row] = field(default_factory=dict)
    """Edits of stills, by where the still comes from."""
    agreed: dict[str, list[float]] = field(default_factory=lambda: {"copies": [], "other takes": []})
    """Share of agreeing blocks: what the verdict rests on."""
    unrelated: int = 0
    missed: list[str] = field(default_factory=list)
    taken_for_copies: list[str] = field(default_factory=list)
    """Other takes that were reported as copies."""
    false: list[str] = field(default_factory=list)
    """Unrelated shots with a match."""
    wrong: list[str] = field(default_factory=list)
    """Shots with a match of another known file."""
    pdq_false: int = 0
    pdq_wrong: int = 0

    def add(self, shot: Shot, matches: list[dict[str, Any]], hashed: set[str]) -> None:
        """Judge one shot: `matches` are the program's in it, `hashed` the known files that PDQ names."""
        stems = {_get_stem(match) for match in matches}
        line = _describe(shot, matches)
        if shot.kind == "unrelated":
            self.unrelated += 1
            if stems:
                self.false.append(line)
            self.pdq_false += bool(hashed)
            return
        if stems - {shot.known}:
            self.wrong.append(line)
        self.pdq_wrong += bool(hashed - {shot.known})
        right = [match for match in matches if _get_stem(match) == shot.known]
        is_copy = any(match["verdict"] == "confirmed-copy" for match in right)
        is_hazard = shot.kind == "hazard"
        if right:
            best = max(match["score"] for match in right)
            self.agreed["other takes" if is_hazard else "copies"].append(best)
        elif not is_hazard:
            self.missed.append(line)
        if is_copy and is_hazard:
            self.taken_for_copies.append(line)
        for row in self._list_rows(shot):
            row.tried += 1
            row.found += bool(right)
            row.copies += is_copy
            row.pdq += shot.known in hashed
            if right:
                row.errors += _measure_errors(shot, right)
                row.source += _measure_source_errors(shot, right)

    def _list_rows(self, shot: Shot) -> list[Row]:
        """The rows in which a shot counts."""
        rows = [self.rows.setdefault((shot.kind, shot.name), Row())]
        if shot.kind == "edit":
            origin = shot.known.split("-")[0]
            rows.append(self.by_material.setdefault(origin, Row()))
        return rows

    def list_kind(self, kind: str) -> list[Row]:
        """All rows of a kind."""
        return [row for (row_kind, _), row in self.rows.items() if row_kind == kind]


def _get_stem(match: dict[str, Any]) -> str:
    """Stem of the known file."""
    return Path(match["known"]["path"]).stem


def _describe(shot: Shot, matches: list[dict[str, Any]]) -> str:
    """One line about a shot and its matches."""
    matched = ", ".join(f"{match['known']['path']} {match['verdict']} {match['detail']}" for match in matches)
    return f"{shot.name} ({shot.known or 'unrelated'}) frames {shot.first}-{shot.end}: {matched}"


def _measure_errors(shot: Shot, right: list[dict[str, Any]]) -> list[float]:
    """Frames by which the in point and the out point miss."""
    first = min(match["time"]["in"] for match in right) * RATE
    last = max(match["time"]["out"] for match in right) * RATE
    true_first, true_last = find_true_ends(shot.name, shot.first, shot.end)
    return [_measure_miss(first, true_first), _measure_miss(last, true_last)]


def _measure_miss(frame: float, allowed: tuple[int, int]) -> float:
    """Frames by which one is outside the allowed ones, ends included."""
    earliest, latest = allowed
    return max(earliest - frame, frame - latest, 0.0)


def _measure_source_errors(shot: Shot, right: list[dict[str, Any]]) -> list[float]:
    """Seconds by which the in point and the out point in the known clip miss."""
    spans = [match["known_time"] for match in right if match["known_time"]]
    if not spans or not shot.source:
        return []
    first = min(span["in"] for span in spans)
    last = max(span["out"] for span in spans)
    return [abs(first - shot.source[0]), abs(last - shot.source[1])]


def select_within(shot: Shot, matches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matches that are in a shot, not only a few frames over its edge."""
    selected = []
    for match in matches:
        start, end = match["time"]["in"] * RATE, match["time"]["out"] * RATE
        overlap = min(end, shot.end) - max(start, shot.first)
        if overlap > min(_OVERLAP_FRAMES, (end - start) / 2):
            selected.append(match)
    return selected


def print_tables(score: Score, order: Sequence[tuple[str, str]]) -> int:
    """Print the tables, the edits in this order. Returns 1 when a match was wrong."""
    _print_edits(score, order)
    _print_other_takes(score)
    _print_agreement(score)
    _print_source_errors(score)
    return _print_false(score)


def _print_false(score: Score) -> int:
    """Print what was matched wrongly and what was missed. Returns 1 when a match was wrong."""
    print(f"\nunrelated shots with a match: {len(score.false)} of {score.unrelated} (PDQ {score.pdq_false}); "
          f"shots with a wrong item: {len(score.wrong)} (PDQ {score.pdq_wrong})")  # fmt: skip
    lists = {"false": score.false, "wrong": score.wrong, "missed": score.missed, "copy?": score.taken_for_copies}
    for word, lines in lists.items():
        print(*(f"  {word}: {line}" for line in lines), sep="\n")
    return int(bool(score.false or score.wrong))


def print_hard_tables(score: Score, order: Sequence[tuple[str, str]]) -> int:
    """Print what `print_tables` prints of stills: the edits in this order. Returns 1 when a match was wrong."""
    shown = [key for key in order if key in score.rows]
    print(f"\n{_EDITS_HEAD}\n" + "|---" * 5 + "|")
    for kind, name in shown:
        _print_row(name, score.rows[kind, name])
    _print_row("**all**", add_up(score.list_kind("edit")))
    return _print_false(score)


def _print_edits(score: Score, order: Sequence[tuple[str, str]]) -> None:
    print(f"\n{_EDITS_HEAD}\n" + "|---" * 5 + "|")
    for kind, name in order:
        _print_row(name, score.rows.get((kind, name), Row()))
    _print_row("**all stills**", add_up(score.list_kind("edit")))
    _print_row("**all clips**", add_up(score.list_kind("speed")))
    print("\n| stills by material | found | PDQ | reported as a copy | in/out |\n" + "|---" * 5 + "|")
    for name, row in score.by_material.items():
        _print_row(name, row)


def _print_other_takes(score: Score) -> None:
    print("\n| other takes (not copies) | shots | reported: shares content | reported: a copy | not found | PDQ |")
    print("|---" * 6 + "|")
    for (kind, name), row in score.rows.items():
        if kind == "hazard":
            shares, missed = row.found - row.copies, row.tried - row.found
            print(f"| {name} | {row.tried} | {shares} | {row.copies} | {missed} | {row.pdq} |")


def _print_agreement(score: Score) -> None:
    """How many of the found agree in at least so many blocks: where the verdicts part."""
    print(f"\n| share that agrees at least | {' | '.join(map(str, _SHARES))} |\n" + "|---" * (len(_SHARES) + 1) + "|")
    for name, agreed in score.agreed.items():
        cells = []
        for least in _SHARES:
            count = sum(share >= least for share in agreed)
            cells.append(f"{count / max(1, len(agreed)):.2f}")
        print(f"| {name}, {len(agreed)} found | {' | '.join(cells)} |")


def _print_source_errors(score: Score) -> None:
    misses = add_up(score.list_kind("speed")).source
    if misses:
        near = sum(miss <= _EXACT_SECONDS for miss in misses) / len(misses)
        print(f"\nin and out of the known clip: median miss {statistics.median(misses):.2f} s, "
              f"within {_EXACT_SECONDS} s {near:.2f}")  # fmt: skip


def add_up(rows: list[Row]) -> Row:
    """All rows as one."""
    total = Row()
    for row in rows:
        total.tried += row.tried
        total.found += row.found
        total.copies += row.copies
        total.pdq += row.pdq
        total.errors += row.errors
        total.source += row.source
    return total


def _print_row(name: str, row: Row) -> None:
    near = float("nan")
    if row.errors:
        near = sum(miss <= _EXACT_FRAMES for miss in row.errors) / len(row.errors)
    tried = max(1, row.tried)
    print(f"| {name} | {row.found}/{row.tried} = {row.found / tried:.2f} | {row.pdq / tried:.2f} | "
          f"{row.copies / max(1, row.found):.2f} | {near:.2f} |")  # fmt: skip
