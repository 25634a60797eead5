"""The rows of a cue sheet and shot disclosure map: generated material with its place, tool, prompt and approval.

Columns as the Archival Producers Alliance asks for them in its best practices of 2024: description, timecodes, prompt,
software, underlying material, and how viewers are told. Insurers ask for the share of the frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from provenance.model.cut import Use
from provenance.model.evidence import Evidence
from provenance.model.finding import Approval, Because, Case, Finding
from provenance.model.match import Match
from provenance.model.report import RegisterEntry, Report
from provenance.model.vocabulary import SUSPECT, Origin, Severity
from provenance.reports import sentences
from provenance.reports.extent import measure_frame_share, measure_seconds
from provenance.reports.language import format_number, translatable, translate

COLUMNS = {
    "where": translatable("where"),
    "track": translatable("track"),
    "timecode_in": translatable("timecode_in"),
    "timecode_out": translatable("timecode_out"),
    "frames": translatable("frames"),
    "asset": translatable("asset"),
    "digest": translatable("digest"),
    "origin": translatable("origin"),
    "extent": translatable("extent"),
    "tool": translatable("tool"),
    "version": translatable("version"),
    "model": translatable("model"),
    "prompt": translatable("prompt"),
    "underlying_material": translatable("underlying_material"),
    "evidence": translatable("evidence"),
    "approved_by": translatable("approved_by"),
    "approval_reference": translatable("approval_reference"),
    "approved_until": translatable("approved_until"),
    "disclosure": translatable("disclosure"),
    "seconds": translatable("seconds"),
    "percent_of_frame": translatable("percent_of_frame"),
    "rights": translatable("rights"),
}
"""Columns and their headings. `disclosure` is what the register says of it; without that, people decide."""
CueRow = dict[str, object]


def name_columns() -> list[str]:
    """The headings, in the language of the report."""
    return [translate(heading) for heading in COLUMNS.values()]


def build_rows(report: Report) -> Iterator[CueRow]:
    """Generated sources in cuts by record timecode, then what of the delivery is generated or shows such material.

    In a cut each use is a row, and each place at which the used part of a source shows generated material.
    """
    declared = _Declared(report)
    for use in report.uses:
        if not use.enabled:
            continue
        rate = declared.rates.get(use.timeline, 0.0)
        if use.origin in SUSPECT:
            yield _build_use_row(use, rate, declared)
        for match in use.contains:
            if match.known.origin in SUSPECT:
                approval = declared.find_approval(use.timeline, "", [match])
                yield {**_build_match_row(use.timeline, match, approval, declared), "track": use.track}
    for case in report.cases:
        if case.is_judged:
            yield from _build_case_rows(case, declared)


_Key = tuple[str, str, Because]
"""Path and digest of an asset, and what was found in it; for a cut the path alone."""


class _Declared:
    """What people have declared about contents, by digest, and the frame rates of cuts."""

    def __init__(self, report: Report) -> None:
        self._approvals: dict[_Key, Approval] = {}
        self._opposed: set[_Key] = set()
        for finding in report.findings:
            self._take(finding)
        self.rates = {timeline.path: timeline.frames_a_second for timeline in report.timelines}
        self.entries: dict[str, list[RegisterEntry]] = {}
        for entry in report.register:
            if entry.state != "counts":
                continue
            for digest in entry.list("content"):
                self.entries.setdefault(digest, []).append(entry)

    def _take(self, finding: Finding) -> None:
        for reason in finding.because:
            for key in ((finding.path, finding.digest, reason), (finding.path, "", reason)):
                if finding.waived_by:
                    self._approvals.setdefault(key, finding.waived_by)
                elif finding.severity is not Severity.NOTE and not finding.is_about_register:
                    self._opposed.add(key)

    def find_approval(self, path: str, digest: str, reasons: Iterable[Because]) -> Approval | None:
        """The approval of what was found there; None as soon as one finding about it is open."""
        keys = [(path, digest, reason) for reason in reasons]
        if not self._opposed.isdisjoint(keys):
            return None
        approvals = [self._approvals[key] for key in keys if key in self._approvals]
        return approvals[0] if approvals else None

    def describe(self, digest: str) -> CueRow:
        """Rights and disclosure of a content, as the register has them."""
        rights, disclosures = [], []
        for entry in self.entries.get(digest, ()):
            if entry.kind == "right":
                facts = (entry.get(field) for field in ("source", "holder", "licence", "territory"))
                text = ", ".join(filter(None, facts))
                if alteration := entry.get("alteration"):
                    text += f"; {translate('alteration: {answer}', answer=translate(alteration))}"
                rights.append(text)
            elif entry.kind == "use" and entry.get("disclosure"):
                disclosures.append(entry.get("disclosure"))
        row: CueRow = {}
        if rights:
            row["rights"] = " | ".join(dict.fromkeys(rights))
        if disclosures:
            row["disclosure"] = " | ".join(dict.fromkeys(disclosures))
        return row


def _build_use_row(use: Use, rate: float, declared: _Declared) -> CueRow:
    first, after = use.record_frames
    row: CueRow = {
        "where": use.timeline,
        "track": use.track,
        "timecode_in": use.record_in,
        "timecode_out": use.record_out,
        "frames": after - first,
        "asset": use.known_as or use.source,
        "digest": use.digest or "",
        "origin": sentences.name_word(use.origin),
        "extent": translate("the whole source, as the cut uses it"),
        **_describe_mark(use.mark),
        **_describe_approval(declared.find_approval(use.timeline, "", [use])),
        **declared.describe(use.digest or ""),
    }
    if rate:
        row["seconds"] = round((after - first) / rate, 3)
    return row


def _build_case_rows(case: Case, declared: _Declared) -> Iterator[CueRow]:
    """The asset itself where its own marks say it, then what known material it shows."""
    path, digest = case.location.path, case.reading.asset.digest
    if case.origin in SUSPECT:
        marks = [mark for mark in case.reading.evidence if mark.origin in SUSPECT]
        yield _build_asset_row(case, declared.find_approval(path, digest, marks), declared)
    for match in case.matches:
        if match.known.origin in SUSPECT:
            yield _build_match_row(path, match, declared.find_approval(path, digest, [match]), declared)


def _build_asset_row(case: Case, approval: Approval | None, declared: _Declared) -> CueRow:
    asset, location = case.reading.asset, case.location
    marks = [mark for mark in case.reading.evidence if mark.origin is case.origin]
    row: CueRow = {
        "where": location.path,
        "asset": location.path,
        "digest": asset.digest,
        "origin": sentences.name_word(case.origin),
        "extent": translate("the whole file"),
        **_describe_mark(min(marks, key=lambda mark: not mark.used, default=None)),
        **_describe_approval(approval),
        **declared.describe(asset.digest),
    }
    if case.origin is Origin.PARTLY_GENERATED:
        row["extent"] = translate("a part of the file; its marks do not say which")
    elif asset.media_type.startswith(("image/", "video/", "application/mxf")) and case.origin is Origin.GENERATED:
        row["percent_of_frame"] = 100
    if location.frame is not None:
        row["extent"] = translate("frame {frame}", frame=str(location.frame))
        row["frames"] = 1
    elif location.frames:
        row["frames"] = location.frames[1] - location.frames[0] + 1 - len(location.missing)
    if asset.duration is not None and 0 <= asset.duration < 1e7:
        row["seconds"] = round(asset.duration, 3)
    return row


def _build_match_row(where: str, match: Match, approval: Approval | None, declared: _Declared) -> CueRow:
    time, share, seconds = match.time, measure_frame_share(match), measure_seconds(match.time)
    row: CueRow = {
        "where": where,
        "asset": match.known.path,
        "digest": match.known.digest,
        "origin": sentences.name_word(match.known.origin),
        "extent": match.detail,
        **_describe_mark(match.known.mark),
        **_describe_approval(approval),
        **declared.describe(match.known.digest),
    }
    if time:
        row["timecode_in"], row["timecode_out"] = time.timecode_in or "", time.timecode_out or ""
    if match.frames:
        first, last = match.frames
        row["frames"] = last - first + 1
        frames = translate("frames {frames}", frames=sentences.format_frames([match.frames]))
        row["extent"] = f"{frames}: {match.detail}"
    if seconds is not None:
        row["seconds"] = seconds
    if share is not None:
        row["percent_of_frame"] = share
    return row


def _describe_mark(mark: Evidence | None) -> CueRow:
    if mark is None:
        return {}
    row: CueRow = {"tool": mark.tool or "", "evidence": f"{sentences.name_word(mark.standing)}: {mark.detail}"}
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


MOST_ON_PAGES = 300
"""Rows of the cue sheet in a document for people; the sheet itself has all of them."""


def describe_extent(row: CueRow) -> str:
    """Seconds and per cent of the frame in one text; empty when neither is known."""
    parts = []
    if isinstance(seconds := row.get("seconds"), float | int):
        parts.append(f"{format_number(seconds, ',.2f')} s")
    if isinstance(frames := row.get("frames"), int):
        parts.append(sentences.format_count(frames, "frame", "frames"))
    if (share := row.get("percent_of_frame")) is not None:
        parts.append(translate("{share} % of the frame", share=share))
    return ", ".join(parts)
