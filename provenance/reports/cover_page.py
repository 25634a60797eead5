"""The cover of a dossier and its first lists as plain values: particulars, statement, cue sheet, register extract."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from provenance.model.report import Report
from provenance.reports import cue_rows, register_rows
from provenance.reports.language import translate
from provenance.reports.register_rows import EntryGroup
from provenance.reports.statement import (
    derive_statement,
    describe_statement,
    list_statement_limits,
    name_statement,
)


@dataclass(frozen=True, slots=True)
class CueLine:
    """One row of the cue sheet as a page shows it. All of it may come from a file."""

    where: str
    """Movie, cut or file, and the track."""
    times: str
    asset: str
    origin: str
    extent: str
    made_with: str
    """Tool, version and model, and what they worked on; without a tool what the mark says."""
    prompt: str
    rights: str
    approval: str
    disclosure: str


@dataclass(frozen=True, slots=True)
class CoverPage:
    """Everything that a page takes from here."""

    particulars: list[tuple[str, str]]
    """Label and value, only what was given."""
    statement: str
    described: str
    limits: list[str]
    cues: list[CueLine]
    cues_left_out: str
    register: list[EntryGroup]
    register_left_out: str


def build_cover(report: Report) -> CoverPage:
    """The cover and the lists of one report."""
    statement = derive_statement(report)
    rows = cue_rows.build_rows(report)
    lines = [_build_line(row) for row in itertools.islice(rows, cue_rows.MOST_ON_PAGES)]
    # counted, and not kept: a long series has tens of thousands
    hidden = sum(1 for _ in rows)
    left_out = ""
    if hidden:
        left_out = translate("{number} more rows are in the cue sheet: --output cue-sheet=FILE.", number=hidden)
    return CoverPage(
        particulars=list_particulars(report),
        statement=name_statement(statement),
        described=describe_statement(statement),
        limits=list_statement_limits(report, statement),
        cues=lines,
        cues_left_out=left_out,
        register=register_rows.build_groups(report),
        register_left_out=register_rows.describe_left_out(report),
    )


def list_particulars(report: Report) -> list[tuple[str, str]]:
    """Label and value of what the issuer gave for the cover."""
    cover = report.cover
    rows = [
        (translate("Production"), cover.production),
        (translate("Client"), cover.client),
        (translate("Deliverable"), cover.deliverable),
        (translate("Issued by"), cover.issuer),
        (translate("Report number"), cover.number),
    ]
    return [row for row in rows if row[1]]


def _build_line(row: cue_rows.CueRow) -> CueLine:
    def get(column: str) -> str:
        return str(row.get(column) or "")

    made_with = " ".join(filter(None, (get("tool"), get("version"))))
    parts = [made_with, get("model")]
    if inputs := get("underlying_material"):
        parts.append(translate("from {files}", files=inputs))
    approval = ""
    if get("approved_by"):
        approval = translate(
            "{who} ({reference}), until {day}",
            who=get("approved_by"),
            reference=get("approval_reference"),
            day=get("approved_until"),
        )
    times = " – ".join(filter(None, (get("timecode_in"), get("timecode_out"))))
    return CueLine(
        where=", ".join(filter(None, (get("where"), get("track")))),
        times=times,
        asset=get("asset"),
        origin=get("origin"),
        extent=cue_rows.describe_extent(row) or get("extent"),
        made_with=", ".join(filter(None, parts)) or get("evidence"),
        prompt=get("prompt"),
        rights=get("rights"),
        approval=approval,
        disclosure=get("disclosure"),
    )
