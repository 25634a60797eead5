"""A table for spreadsheets: what an assistant editor sorts, filters and sends on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import ClassVar

from provenance.model.evidence import Evidence
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Match, Span
from provenance.model.report import Report
from provenance.reports import escape, sentences
from provenance.reports.compose import findings_of
from provenance.reports.document import ranges
from provenance.reports.interface import Format
from provenance.reports.matches import FoundMatch, mark_lost, unminded
from provenance.reports.reasons import reason

COLUMNS = (
    *("severity", "rule", "path", "frame", "time_in", "time_out", "origin", "message", "because", "remedy", "clause"),
    *("model", "prompt", "inputs", "mark_lost"),
    *(
        "waived",
        "could_not_be_looked_at",
        "media_type",
        "bytes",
        "missing_frames",
        "parent",
        "root",
        "sha256",
        "xxh128",
    ),
)
Cells = dict[str, object]
_LONGEST = 2000
"""Characters of one prompt; a cell of a spreadsheet holds 32,767."""


class Csv(Format):
    """One row for each finding of each asset, gravest first, then one for each asset without a finding.

    Known material that no finding rests on has a row, too, or stands in the row of its asset.

    UTF-8 with a byte order mark, every cell quoted, no cell that a spreadsheet would compute.
    """

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "a table for spreadsheets, one row for each asset and finding"
    suffix: ClassVar[str] = ".csv"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        yield "\ufeff".encode() + _line(COLUMNS)
        for row in _rows(report):
            yield _line([row.get(column, "") for column in COLUMNS])


def _rows(report: Report) -> Iterator[Cells]:
    found = findings_of(report)
    cases: dict[tuple[str, str], list[Case]] = {}
    for case in report.cases:
        cases.setdefault((case.location.path, case.reading.asset.digest), []).append(case)
    lost = {found.match for found in mark_lost(report)}
    for finding in dict.fromkeys(report.findings):
        marks = {"mark_lost": _reasons(row for row in finding.because if isinstance(row, Match) and row in lost)}
        for place in cases.get((finding.path, finding.digest), [None]):
            yield {**(_asset(place) if place else {}), **_finding(finding), **marks}
    yield from (_listed(row) for row in unminded(report) if (row.path, row.digest) in found)
    yield from (_asset(case) for key, group in cases.items() if key not in found for case in group)
    for trouble in report.troubles:
        yield {"path": trouble.path, "could_not_be_looked_at": f"{trouble.cause}: {trouble.detail}"}


def _asset(case: Case) -> Cells:
    location, asset = case.location, case.reading.asset
    return {
        "path": location.path,
        "frame": "" if location.frame is None else location.frame,
        "origin": case.origin,
        "because": _reasons((*case.reading.evidence, *case.matches)),
        **_used(case.reading.evidence),
        "could_not_be_looked_at": " | ".join(f"{row.cause}: {row.detail}" for row in case.reading.troubles),
        "media_type": asset.media_type,
        "bytes": asset.size,
        "missing_frames": sentences.frames(ranges(location.missing)),
        "parent": location.parent or "",
        "root": location.root,
        "sha256": asset.digest.removeprefix("sha256:"),
        "xxh128": asset.xxh128,
    }


def _finding(finding: Finding) -> Cells:
    span, approval = finding.time, finding.waived_by or finding.expired_approval
    state = "waived" if finding.waived_by else "EXPIRED"
    cells: Cells = {
        "severity": finding.severity,
        "rule": finding.rule,
        "path": finding.path,
        **_times(span),
        "message": finding.message,
        "because": _reasons(finding.because),
        "remedy": finding.remedy,
        "clause": finding.clause or "",
        "waived": f"{state}: {approval.who}, {approval.reason} ({approval.reference}), until {approval.expires}"
        if approval
        else "",
        "sha256": finding.digest.removeprefix("sha256:"),
    }
    return cells if finding.frame is None else {**cells, "frame": finding.frame}


def _listed(row: FoundMatch) -> Cells:
    """Known material that no finding rests on."""
    return {
        "path": row.path,
        "root": row.root,
        "sha256": row.digest.removeprefix("sha256:"),
        "because": _reasons([row.match]),
        **_times(row.match.time),
    }


def _times(span: Span | None) -> Cells:
    if span is None:
        return {}
    return {
        "time_in": span.timecode_in or sentences.clock(span.start),
        "time_out": span.timecode_out or sentences.clock(span.end),
    }


def _reasons(because: Iterable[Because]) -> str:
    rows = map(reason, because)
    return " | ".join(" · ".join(filter(None, (row.said, *row.facts, row.used))) for row in rows)


def _used(evidence: Iterable[Evidence]) -> Cells:
    """What went into the making, as far as the marks tell; each thing once."""
    marks = [row.used for row in evidence if row.used]
    return {
        "model": _once(mark.model for mark in marks),
        "prompt": _once(mark.prompt for mark in marks),
        "inputs": _once(name for mark in marks for name in mark.inputs),
    }


def _once(texts: Iterable[str | None]) -> str:
    return " | ".join(dict.fromkeys(escape.short(text, _LONGEST) for text in texts if text))


def _line(cells: Iterable[object]) -> bytes:
    buffer = io.StringIO()
    # numbers of ours need no guard; everything else may have been said by a file
    safe = [cell if isinstance(cell, int) else escape.cell(str(cell)) for cell in cells]
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(safe)
    return buffer.getvalue().encode()
