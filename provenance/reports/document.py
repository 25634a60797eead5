"""A report as plain dicts, lists and text: the JSON document `provenance-report/1`, field for field.

Scripts rely on these names; a change of one is a new schema. More fields may be added.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping

from provenance.model.asset import Location
from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Because, Case, Finding, Use
from provenance.model.match import Match, Span
from provenance.model.report import Report
from provenance.reports import escape
from provenance.reports.compose import summary
from provenance.reports.matches import FoundMatch, mark_lost

SCHEMA = "provenance-report/1"
DocumentRow = dict[str, object]


def document(report: Report) -> DocumentRow:
    """The whole document."""
    return {**head(report), **{name: list(rows) for name, rows in lists(report).items()}}


def head(report: Report) -> DocumentRow:
    """Everything that is not a long list: who made it, out of what, and the figures."""
    return _safe(
        {
            "schema": SCHEMA,
            "made_at": report.made_at,
            "tool": {"name": report.tool, "version": report.version},
            "inputs": dataclasses.asdict(report.inputs),
            "summary": figures(report),
            "coverage": dataclasses.asdict(report.coverage),
            "delta": report.delta and dataclasses.asdict(report.delta),
            "machine": dict(report.extra),
        }
    )


def figures(report: Report) -> DocumentRow:
    """The summary: how many assets, bytes, findings and troubles, by origin and severity."""
    return _safe(dataclasses.asdict(summary(report)))


def lists(report: Report) -> dict[str, Iterator[DocumentRow]]:
    """The long lists of the document, each made row by row as it is read."""
    return {
        "assets": map(asset_row, report.cases),
        "findings": map(finding_row, report.findings),
        "mark_lost": map(lost_row, mark_lost(report)),
        "uses": (_safe(_use(use)) for use in report.uses),
        "troubles": map(trouble_row, report.all_troubles),
    }


def asset_row(case: Case) -> DocumentRow:
    """ASSET of the contract: one asset at one place."""
    asset, reading = case.reading.asset, case.reading
    return _safe(
        {
            **_location(case.location),
            **dataclasses.asdict(asset),
            "origin": case.origin,
            "evidence": [_evidence(evidence) for evidence in reading.evidence],
            "credentials": [dataclasses.asdict(credential) for credential in reading.credentials],
            "matches": [_match(match) for match in case.matches],
            "uses": [_use(use) for use in case.uses],
            "troubles": [_trouble(trouble) for trouble in reading.troubles],
        }
    )


def finding_row(finding: Finding) -> DocumentRow:
    """FINDING of the contract. `waived_by` is an approval in force; one that is over stands apart."""
    return _safe(
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "path": finding.path,
            "root": finding.root,
            "digest": finding.digest,
            "time": _span(finding.time),
            "frame": finding.frame,
            "message": finding.message,
            "remedy": finding.remedy,
            "clause": finding.clause,
            "because": [_because(reason) for reason in finding.because],
            "waived_by": finding.waived_by and dataclasses.asdict(finding.waived_by),
            "expired_approval": finding.expired_approval and dataclasses.asdict(finding.expired_approval),
        }
    )


def lost_row(lost: FoundMatch) -> DocumentRow:
    """A MATCH of the contract with the asset in which it stands: a mark that did not survive."""
    return _safe({"path": lost.path, "root": lost.root, "digest": lost.digest, **_match(lost.match)})


def trouble_row(trouble: Trouble) -> DocumentRow:
    """TROUBLE of the contract."""
    return _safe(_trouble(trouble))


def dump(value: object) -> str:
    """The value as one line of ASCII JSON, on which no terminal acts."""
    # DEL is the one control character that JSON leaves as it is
    return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Frame numbers as (first, last) runs: 5, 6, 7, 9 are (5, 7) and (9, 9)."""
    runs = itertools.groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0])
    return [(block[0][1], block[-1][1]) for block in (list(run) for _, run in runs)]


def _location(location: Location) -> DocumentRow:
    row: DocumentRow = {"path": location.path, "root": location.root, "parent": location.parent, "zone": location.zone}
    if not location.is_text:
        row["path_bytes"] = base64.b64encode(location.path_bytes).decode("ascii")
    if location.frames is not None:
        row |= {"frames": location.frames, "missing": list(location.missing)}
    if location.sequence is not None:
        row |= {"sequence": location.sequence, "frame": location.frame}
    return row


def _because(reason: Because) -> DocumentRow:
    if isinstance(reason, Evidence):
        return _evidence(reason)
    if isinstance(reason, Match):
        return _match(reason)
    return _use(reason) if isinstance(reason, Use) else _trouble(reason)


def _evidence(evidence: Evidence) -> DocumentRow:
    return dataclasses.asdict(evidence)


def _match(match: Match) -> DocumentRow:
    row = dataclasses.asdict(dataclasses.replace(match, pictures=None))  # for people; scripts have the two files
    del row["pictures"]
    return row | {"time": _span(match.time), "known_time": _span(match.known_time)}


def _use(use: Use) -> DocumentRow:
    return dataclasses.asdict(use)


def _trouble(trouble: Trouble) -> DocumentRow:
    return dataclasses.asdict(trouble)


def _span(span: Span | None) -> DocumentRow | None:
    if span is None:
        return None
    return {"in": span.start, "out": span.end, "timecode_in": span.timecode_in, "timecode_out": span.timecode_out}


def _safe(row: Mapping[str, object]) -> DocumentRow:
    return {escape.valid(key): _plain(value) for key, value in row.items()}


def _plain(value: object) -> object:
    """The same value in types and text that every JSON reader accepts: no halves of characters, no NaN."""
    if isinstance(value, str):
        return escape.valid(value.value if isinstance(value, enum.Enum) else value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return _safe(value)
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value
