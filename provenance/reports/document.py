"""A report as plain dicts, lists and text: the JSON document `provenance-report/1`, field by field.

Scripts rely on these names: renaming one makes a new schema. Fields may be added.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import hashlib
import json
import math
import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from provenance.model.asset import Location
from provenance.model.cut import Timeline, Use
from provenance.model.debt import Debt, DebtState
from provenance.model.evidence import Trouble
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Match, Span
from provenance.model.report import Coverage, Delta, RegisterEntry, Report
from provenance.model.vocabulary import Origin
from provenance.reports import escape, sentences
from provenance.reports.compose import list_unopposed, summarize
from provenance.reports.content import find_content, list_found_origins
from provenance.reports.debt import count_by_age, name_vendor
from provenance.reports.language import SOURCE, use_language
from provenance.reports.limits import list_limits
from provenance.reports.matches import FoundMatch, find_lost_marks
from provenance.reports.reading_days import count_states, list_changed
from provenance.reports.statement import derive_statement
from provenance.reports.verdicts import list_reports

SCHEMA = "provenance-report/1"
DocumentRow = dict[str, object]


def build_document(report: Report) -> DocumentRow:
    """The whole document."""
    document = build_head(report)
    for name, rows in build_lists(report).items():
        document[name] = list(rows)
    return document


def render_document(report: Report) -> Iterator[bytes]:
    """The whole document as bytes, row by row, so that memory never holds all of it."""
    fields = [f'"{name}": {dump(value)}' for name, value in build_head(report).items()]
    yield ("{" + ",\n ".join(fields)).encode()
    # a report on a large storage has millions of rows: each is built, written and dropped
    for name, rows in build_lists(report).items():
        yield f',\n "{name}": ['.encode()
        yield from _join_rows(map(dump, rows))
        yield b"]"
    yield b"}\n"


def _join_rows(rows: Iterable[str]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        separator = ",\n  " if number else "\n  "
        yield f"{separator}{row}".encode()


def identify(report: Report) -> str:
    """SHA-256 of the document, in hex: what `sha256sum` prints for the file that `--output json=FILE` writes."""
    digest = hashlib.sha256()
    for piece in render_document(report):
        digest.update(piece)
    return digest.hexdigest()


def build_head(report: Report) -> DocumentRow:
    """Everything that is not a long list: the program, its inputs and the figures."""
    # scripts compare the document, and the identity of a report is its digest: neither may depend on a language
    with use_language(SOURCE):
        head = _build_head(report)
        if report.debt:
            head["debt"] = _sanitize_row(_build_debt(report.debt))
        return head


def _build_head(report: Report) -> DocumentRow:
    return _sanitize_row(
        {
            "schema": SCHEMA,
            "made_at": report.made_at,
            "tool": {"name": report.tool, "version": report.version},
            "inputs": dataclasses.asdict(report.inputs),
            "summary": build_summary(report),
            "verdicts": list(map(_build_verdict, list_reports(report))),
            "coverage": _build_coverage(report.coverage),
            "delta": report.delta and _build_delta(report.delta),
            "cover": dataclasses.asdict(report.cover),
            "statement": dataclasses.asdict(derive_statement(report)),
            "machine": dict(report.extra),
            "limits": list_limits(report),
            "since_read": count_states(report),
        }
    )


def _build_verdict(report: Report) -> DocumentRow:
    """The verdict of one policy: its first sentences and its figures."""
    figures = summarize(report)
    return {
        "policy": dataclasses.asdict(report.inputs.policy),
        "verdict": sentences.describe_verdict(report),
        "findings": figures.findings,
        "waived": figures.waived,
        "unopposed": figures.unopposed,
    }


def _build_coverage(coverage: Coverage) -> DocumentRow:
    """The figures, as far as they were counted."""
    return {name: value for name, value in dataclasses.asdict(coverage).items() if value is not None}


def _build_delta(delta: Delta) -> DocumentRow:
    """The changes, as far as they were compared."""
    row = {name: value for name, value in dataclasses.asdict(delta).items() if value is not None}
    if row.pop("is_since_night"):
        # The first night has nothing before it, and says so.
        row["since"] = delta.since
    if delta.moved is not None:
        row["moved"] = [{"from": move.old, "to": move.new} for move in delta.moved]
    return row


def _build_debt(debt: Debt) -> DocumentRow:
    """Generated material that is still in deliverables, its figures, and those of every night."""
    pending = debt.select(DebtState.OPEN)
    return {
        "open": len(pending),
        "allowed": debt.count(DebtState.ALLOWED),
        "approved": debt.count(DebtState.APPROVED),
        "by_age": count_by_age(pending),
        "by_owner": Counter(map(operator.attrgetter("owner"), pending)),
        "by_vendor": Counter(map(name_vendor, pending)),
        "items": list(map(dataclasses.asdict, debt.items)),
        "nights": list(map(dataclasses.asdict, debt.nights)),
    }


def build_summary(report: Report) -> DocumentRow:
    """The summary: how many assets, bytes, findings and troubles, by origin and severity."""
    found = Counter(list_found_origins(report))
    by_origin = {origin: found[origin] for origin in Origin}
    return _sanitize_row({**dataclasses.asdict(summarize(report)), "found_content": by_origin})


def build_lists(report: Report) -> dict[str, Iterator[DocumentRow]]:
    """The long lists of the document, each built row by row while the caller iterates."""
    return {
        "assets": map(build_asset_row, report.cases),
        "findings": map(build_finding_row, report.findings),
        "mark_lost": map(build_mark_lost_row, find_lost_marks(report)),
        "unopposed": map(_build_unopposed_row, list_unopposed(report)),
        "timelines": map(_build_timeline_row, report.timelines),
        "changed_since_read": map(_build_changed_row, list_changed(report)),
        "uses": map(_build_use_row, report.uses),
        "register": map(_build_entry_row, report.register),
        "troubles": map(build_trouble_row, report.all_troubles),
        "other_findings": _build_other_rows(report),
    }


def _build_other_rows(report: Report) -> Iterator[DocumentRow]:
    """The findings of the policies after the first, each with the name of its policy."""
    for other in report.others:
        for finding in other.findings:
            yield {"policy": escape.make_valid(other.policy.name), **build_finding_row(finding)}


def build_asset_row(case: Case) -> DocumentRow:
    """ASSET of the contract: one asset at one place."""
    asset, reading = case.reading.asset, case.reading
    return _sanitize_row(
        {
            **_build_location(case.location),
            **dataclasses.asdict(asset),
            "origin": case.origin,
            "found_content": _build_found_content(case),
            "is_judged": case.is_judged,
            "read_on": case.read_on or None,
            "evidence": list(map(dataclasses.asdict, reading.evidence)),
            "credentials": list(map(dataclasses.asdict, reading.credentials)),
            "matches": list(map(_build_match, case.matches)),
            "uses": list(map(dataclasses.asdict, case.uses)),
            "troubles": list(map(dataclasses.asdict, reading.troubles)),
        }
    )


def _build_found_content(case: Case) -> DocumentRow | None:
    found = find_content(case)
    return dataclasses.asdict(found) if found else None


def build_finding_row(finding: Finding) -> DocumentRow:
    """FINDING of the contract. `waived_by` holds an approval in force, `expired_approval` one that expired.

    `uncovered_by` holds one in force whose approver did not know of the finding.
    """
    return _sanitize_row(
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "path": finding.path,
            "root": finding.root,
            "digest": finding.digest,
            "time": _build_span(finding.time),
            "frame": finding.frame,
            "message": finding.message,
            "remedy": finding.remedy,
            "clause": finding.clause,
            "clause_is_quoted": finding.clause_is_quoted,
            "conditions": list(finding.conditions),
            "not_declared": list(finding.not_declared),
            "because": list(map(_build_reason, finding.because)),
            "waived_by": finding.waived_by and dataclasses.asdict(finding.waived_by),
            "expired_approval": finding.expired_approval and dataclasses.asdict(finding.expired_approval),
            "uncovered_by": finding.uncovered_by and dataclasses.asdict(finding.uncovered_by),
        }
    )


def build_mark_lost_row(lost: FoundMatch) -> DocumentRow:
    """A MATCH of the contract and the asset that contains it, for material that lost its mark on the way."""
    return _sanitize_row({"path": lost.path, "root": lost.root, "digest": lost.digest, **_build_match(lost.match)})


def _build_unopposed_row(case: Case) -> DocumentRow:
    """An asset that is or may be generated, or shows such material, to which no rule of the policy objects."""
    location = case.location
    return _sanitize_row(
        {
            "path": location.path,
            "root": location.root,
            "digest": case.reading.asset.digest,
            "origin": case.origin,
            "found_content": _build_found_content(case),
        }
    )


def _build_changed_row(case: Case) -> DocumentRow:
    """An asset whose file is not as this report describes it."""
    location, digest = case.location, case.reading.asset.digest
    row = {"path": location.path, "root": location.root, "digest": digest}
    return _sanitize_row({**row, "read_on": case.read_on or None, "state_now": case.state_now})


def build_trouble_row(trouble: Trouble) -> DocumentRow:
    """TROUBLE of the contract."""
    return _sanitize_row(dataclasses.asdict(trouble))


def _build_use_row(use: Use) -> DocumentRow:
    """USE of the contract."""
    return _sanitize_row(dataclasses.asdict(use))


def _build_entry_row(entry: RegisterEntry) -> DocumentRow:
    """An entry of the register about the material of the report."""
    return _sanitize_row({**dataclasses.asdict(entry), "values": dict(entry.values)})


def _build_timeline_row(timeline: Timeline) -> DocumentRow:
    """TIMELINE of the contract."""
    return _sanitize_row(dataclasses.asdict(timeline))


def dump(value: object) -> str:
    """The value as one line of ASCII JSON without control characters, so that no terminal acts on it."""
    # JSON escapes every control character but DEL
    return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f")


def dump_row(row: Mapping[str, object]) -> str:
    """A row with text out of files as one line of JSON that every reader accepts."""
    return dump(_sanitize_row(row))


def group_into_runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Frame numbers as (first, last) runs: 5, 6, 7, 9 become (5, 7) and (9, 9)."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


def _build_location(location: Location) -> DocumentRow:
    row: DocumentRow = {"path": location.path, "root": location.root, "parent": location.parent, "zone": location.zone}
    if not location.is_text:
        # JSON can only hold text, so a name that is not text keeps its bytes here
        row["path_bytes"] = base64.b64encode(location.path_bytes).decode("ascii")
    if location.frames is not None:
        row |= {"frames": location.frames, "missing": list(location.missing)}
    if location.sequence is not None:
        row |= {"sequence": location.sequence, "frame": location.frame}
    return row


def _build_reason(reason: Because) -> DocumentRow:
    if isinstance(reason, Match):
        return _build_match(reason)
    return dataclasses.asdict(reason)


def _build_match(match: Match) -> DocumentRow:
    # The pictures are for people; a script has the two files. Dropped first, so that asdict does not copy them.
    row = dataclasses.asdict(dataclasses.replace(match, pictures=None))
    del row["pictures"]
    if match.known.listed is None:
        del row["known"]["listed"]
    return row | {"time": _build_span(match.time), "known_time": _build_span(match.known_time)}


def _build_span(span: Span | None) -> DocumentRow | None:
    if span is None:
        return None
    return {"in": span.start, "out": span.end, "timecode_in": span.timecode_in, "timecode_out": span.timecode_out}


def _sanitize_row(row: Mapping[str, object]) -> DocumentRow:
    return {escape.make_valid(key): _sanitize(value) for key, value in row.items()}


def _sanitize(value: object) -> object:
    """The same value in types and text that every JSON reader accepts: no lone surrogates, no NaN."""
    if isinstance(value, str):
        text = value.value if isinstance(value, enum.Enum) else value
        return escape.make_valid(text)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return _sanitize_row(value)
    if isinstance(value, (list, tuple)):
        return list(map(_sanitize, value))
    return value
