"""The rows of a cue sheet and shot disclosure map: generated material with its place, tool, prompt and approval.

Columns as the Archival Producers Alliance asks for them in its best practices of 2024: description, timecodes, prompt,
software, underlying material, and how viewers are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.model.cut import Use
from provenance.model.evidence import Evidence
from provenance.model.finding import Approval, Finding
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT
from provenance.reports import sentences

COLUMNS = (
    "where",
    "track",
    "timecode_in",
    "timecode_out",
    "frames",
    "asset",
    "digest",
    "origin",
    "extent",
    "tool",
    "version",
    "model",
    "prompt",
    "underlying_material",
    "evidence",
    "approved_by",
    "approval_reference",
    "approved_until",
    "disclosure",
)
"""`disclosure` is left empty: how viewers are told, people decide."""
CueRow = dict[str, object]


def build_rows(report: Report) -> Iterator[CueRow]:
    """Generated sources in cuts by record timecode, then generated material found in movies of the delivery."""
    approvals = {finding.digest: finding.waived_by for finding in report.findings if finding.waived_by}
    for use in report.uses:
        if use.origin in SUSPECT and use.enabled:
            yield _build_use_row(use, approvals.get(use.digest or ""))
    for finding in report.findings:
        for reason in finding.because:
            if isinstance(reason, Match) and reason.time and reason.known.origin in SUSPECT:
                yield _build_match_row(finding, reason)


def _build_use_row(use: Use, approval: Approval | None) -> CueRow:
    first, after = use.record_frames
    return {
        "where": use.timeline,
        "track": use.track,
        "timecode_in": use.record_in,
        "timecode_out": use.record_out,
        "frames": after - first,
        "asset": use.known_as or use.source,
        "digest": use.digest or "",
        "origin": str(use.origin),
        "extent": "the whole source, as the cut uses it",
        **_describe_mark(use.mark),
        **_describe_approval(approval),
    }


def _build_match_row(finding: Finding, match: Match) -> CueRow:
    time = match.time
    return {
        "where": finding.path,
        "timecode_in": time.timecode_in if time else "",
        "timecode_out": time.timecode_out if time else "",
        "asset": match.known.path,
        "digest": match.known.digest,
        "origin": str(match.known.origin),
        "extent": match.detail,
        **_describe_mark(match.known.mark),
        **_describe_approval(finding.waived_by),
    }


def _describe_mark(mark: Evidence | None) -> CueRow:
    if mark is None:
        return {}
    row: CueRow = {"tool": mark.tool or "", "evidence": f"{mark.standing}: {mark.detail}"}
    if mark.used:
        row |= {
            "version": mark.used.version or "",
            "model": ", ".join(filter(None, (mark.used.model, *mark.used.adapters))),
            "prompt": mark.used.prompt or "",
            "underlying_material": ", ".join(mark.used.inputs),
        }
    return row


def _describe_approval(approval: Approval | None) -> CueRow:
    if approval is None:
        return {}
    return {
        "approved_by": approval.who,
        "approval_reference": approval.reference,
        "approved_until": approval.expires,
    }


def list_cells(report: Report) -> Iterator[Sequence[object]]:
    """Every row as cells in the order of `COLUMNS`."""
    for row in build_rows(report):
        yield [row.get(column, "") for column in COLUMNS]


def describe_inputs(report: Report) -> str:
    """What the sheet was made from, for its last line."""
    return f"{report.tool} {report.version}, {report.made_at}; {sentences.describe_coverage(report)}"
