"""What came of the shots of a reel, and the tables that tell it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.matching import pdq
from benchmarks.matching.edits import find_true_ends
from benchmarks.matching.material import RATE


@dataclass(frozen=True)
class Shot:
    """What was put into a reel."""

    kind: str
    """`edit`, `speed`, `hazard` or `unrelated`."""
    name: str
    known: str
    """Stem of the known file; empty when there is none."""
    first: int
    end: int
    source: tuple[float, float] | None = None
    """Seconds of the known clip that are shown."""


@dataclass
class Row:
    """What came of one edit, speed or hazard."""

    tried: int = 0
    found: int = 0
    copies: int = 0
    pdq: int = 0
    errors: list[float] = field(default_factory=list)
    """Frames by which in- and out-points miss."""
    source: list[float] = field(default_factory=list)
    """Seconds by which in- and out-points in the known clip miss."""


@dataclass
class Score:
    """What came of all reels."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    by_material: dict[str, Row] = field(default_factory=dict)
    agreed: dict[str, list[float]] = field(default_factory=lambda: {"copies": [], "other takes": []})
    """Share of agreeing blocks: what the verdict rests on."""
    unrelated: int = 0
    missed: list[str] = field(default_factory=list)
    taken_for_copies: list[str] = field(default_factory=list)
    """Other takes that were told as copies."""
    false: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    pdq_false: int = 0
    pdq_wrong: int = 0

    def add(self, shot: Shot, found: list[dict[str, Any]], hashed: set[str]) -> None:
        """Judge one shot: `found` are the program's matches in it, `hashed` the items that PDQ names."""
        named = {Path(match["known"]["path"]).stem for match in found}
        told = f"{shot.name} ({shot.known or 'unrelated'}) frames {shot.first}-{shot.end}: "
        told += ", ".join(f"{match['known']['path']} {match['verdict']} {match['detail']}" for match in found)
        if shot.kind == "unrelated":
            self.unrelated += 1
            self.false += [told] if named else []
            self.pdq_false += bool(hashed)
            return
        self.wrong += [told] if named - {shot.known} else []
        self.pdq_wrong += bool(hashed - {shot.known})
        right = [match for match in found if Path(match["known"]["path"]).stem == shot.known]
        if right:
            best = max(match["score"] for match in right)
            self.agreed["other takes" if shot.kind == "hazard" else "copies"].append(best)
        copied = any(match["verdict"] == "confirmed-copy" for match in right)
        self.missed += [told] if not right and shot.kind != "hazard" else []
        self.taken_for_copies += [told] if copied and shot.kind == "hazard" else []
        rows = [self.rows.setdefault((shot.kind, shot.name), Row())]
        if shot.kind == "edit":
            rows.append(self.by_material.setdefault(shot.known.split("-")[0], Row()))
        for row in rows:
            row.tried += 1
            row.found += bool(right)
            row.copies += copied
            row.pdq += shot.known in hashed
            if right:
                row.errors += _measure_errors(shot, right)
                row.source += _measure_source_errors(shot, right)


def _measure_errors(shot: Shot, right: list[dict[str, Any]]) -> list[float]:
    told = (min(match["time"]["in"] for match in right) * RATE, max(match["time"]["out"] for match in right) * RATE)
    wanted = find_true_ends(shot.name, shot.first, shot.end)
    return [max(low - at, at - high, 0.0) for at, (low, high) in zip(told, wanted, strict=True)]


def _measure_source_errors(shot: Shot, right: list[dict[str, Any]]) -> list[float]:
    spans = [match["known_time"] for match in right if match["known_time"]]
    if not spans or not shot.source:
        return []
    told = (min(span["in"] for span in spans), max(span["out"] for span in spans))
    return [abs(at - wanted) for at, wanted in zip(told, shot.source, strict=True)]


def select_within(shot: Shot, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matches that stand in a shot, not only a few frames over its edge."""
    kept = []
    for match in found:
        start, end = match["time"]["in"] * RATE, match["time"]["out"] * RATE
        if min(end, shot.end) - max(start, shot.first) > min(5.0, (end - start) / 2):
            kept.append(match)
    return kept


def print_tables(score: Score, order: Sequence[tuple[str, str]]) -> int:
    """Print the tables, edits in that order; 1 when something was wrongly named."""
    print(f"\n| edit | found | PDQ a frame ({pdq.NAME}) | told a copy | in/out within a frame |\n|---|---|---|---|---|")
    for kind, name in order:
        _print_row(name, score.rows.get((kind, name), Row()))
    for kind, name in (("edit", "all stills"), ("speed", "all clips")):
        _print_row(f"**{name}**", add_up([row for (of, _), row in score.rows.items() if of == kind]))
    print("\n| stills by material | found | PDQ | told a copy | in/out |\n|---|---|---|---|---|")
    for name, row in score.by_material.items():
        _print_row(name, row)
    print(
        "\n| other takes (no copies) | shots | told: shares content | told: a copy | not found | PDQ |\n"
        + "|---" * 6
        + "|"
    )
    for (kind, name), row in score.rows.items():
        if kind == "hazard":
            shares, missed = row.found - row.copies, row.tried - row.found
            print(f"| {name} | {row.tried} | {shares} | {row.copies} | {missed} | {row.pdq} |")
    levels = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
    print(f"\n| share that agrees at least | {' | '.join(map(str, levels))} |\n" + "|---" * (len(levels) + 1) + "|")
    for what, agreed in score.agreed.items():
        at_least = (f"{sum(share >= level for share in agreed) / max(1, len(agreed)):.2f}" for level in levels)
        print(f"| {what}, {len(agreed)} found | {' | '.join(at_least)} |")
    source = [miss for (of, _), row in score.rows.items() if of == "speed" for miss in row.source]
    if source:
        print(f"\nin and out of the known clip: median miss {statistics.median(source):.2f} s, "
              f"within 0.25 s {sum(miss <= 0.25 for miss in source) / len(source):.2f}")  # fmt: skip
    print(f"\nunrelated shots with a match: {len(score.false)} of {score.unrelated} (PDQ {score.pdq_false}); "
          f"shots with a wrong item: {len(score.wrong)} (PDQ {score.pdq_wrong})")  # fmt: skip
    lists = {"false": score.false, "wrong": score.wrong, "missed": score.missed, "copy?": score.taken_for_copies}
    for word, lines in lists.items():
        print(*(f"  {word}: {line}" for line in lines), sep="\n")
    return int(bool(score.false or score.wrong))


def add_up(rows: list[Row]) -> Row:
    """All rows as one."""
    return Row(
        sum(row.tried for row in rows),
        sum(row.found for row in rows),
        sum(row.copies for row in rows),
        sum(row.pdq for row in rows),
        [miss for row in rows for miss in row.errors],
    )


def _print_row(name: str, row: Row) -> None:
    near = sum(miss <= 1.01 for miss in row.errors) / len(row.errors) if row.errors else float("nan")
    tried = max(1, row.tried)
    print(f"| {name} | {row.found}/{row.tried} = {row.found / tried:.2f} | {row.pdq / tried:.2f} | "
          f"{row.copies / max(1, row.found):.2f} | {near:.2f} |")  # fmt: skip
