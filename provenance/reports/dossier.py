"""A report as the dossier for legal sets it: every section in the order in which a lawyer asks."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from provenance.model.finding import Finding
from provenance.model.report import Delta, Inputs, Report
from provenance.reports import html_page, sentences
from provenance.reports.compose import summary
from provenance.reports.matches import FoundMatch, mark_lost, unminded

PICTURES = 200
"""Thumbnails of at most so many assets."""

Sheet = dict[str, object]


def sheet(report: Report, files: dict[str, bytes]) -> Sheet:
    """Everything that the template sets; pictures go into `files` under the names that the sheet gives them."""
    rows, inputs = html_page.rows(report), report.inputs
    made = datetime.datetime.fromisoformat(report.made_at)
    return {
        "tool": report.tool,
        "made_at": report.made_at,
        "made": {part: getattr(made, part) for part in ("year", "month", "day", "hour", "minute", "second")},
        "identity": f"{report.tool} {report.version} · policy {inputs.policy.name} {inputs.policy.sha256[:12]}",
        "roots": inputs.roots,
        "verdict": sentences.verdict(report),
        "coverage": sentences.capital(sentences.coverage(report)) + ".",
        "excluded": ", ".join(inputs.excluded),
        "origins_counted": sentences.counted_origins(report),
        "figures": _figures(report),
        "groups": [
            {"word": group.word, "meaning": group.meaning, "count": group.count, "cards": _cards(group.cards, files)}
            for group in html_page.groups(rows)
        ],
        "mark_lost": [_found(row) for row in mark_lost(report)],
        "unminded": [_found(row) for row in unminded(report)],
        "approvals": [sheet for finding in report.findings for sheet in _approvals(finding)],
        "troubles": [
            {"path": row.path, "cause": row.cause, "stage": row.stage, "detail": row.detail}
            for row in report.all_troubles
        ],
        "changes": _changes(report.delta),
        "uses": [
            {
                "timeline": f"{use.timeline}, {use.track}",
                "record": f"{use.record_in} – {use.record_out}",
                "source": use.source,
                "times": f"{use.source_in} – {use.source_out}",
            }
            for use in report.uses
        ],
        "limits": sentences.LIMITS,
        "glossaries": [
            {"name": "Origin", "words": list(sentences.ORIGINS.items())},
            {"name": "Standing", "words": list(sentences.STANDINGS.items())},
        ],
        "identities": _identities(report, inputs),
        "assets": [{"path": row.path, "sha256": row.digest, "origin": row.origin, "size": row.size} for row in rows],
    }


def _figures(report: Report) -> list[Sheet]:
    figures = summary(report)
    numbers = {
        **{str(severity): number for severity, number in figures.findings.items()},
        "waived": sum(figures.waived.values()),
        "not looked at": report.coverage.could_not,
        "assets": figures.assets,
    }
    return [{"word": word, "number": f"{number:,}"} for word, number in numbers.items()]


def _cards(cards: list[html_page.PageRow], files: dict[str, bytes]) -> list[Sheet]:
    return [
        {
            "path": card.path,
            "origin": card.origin,
            "media_type": card.media_type,
            "size": card.size,
            "digest": card.digest,
            "picture": _picture(card.thumbnail, files),
            "findings": [_finding(shown) for shown in card.findings],
        }
        for card in cards
    ]


def _picture(uri: str | None, files: dict[str, bytes]) -> str:
    if uri is None or len(files) > PICTURES:
        return ""
    # the engine takes virtual files as text alone, so the JPEG travels in an SVG and is written through unchanged
    drawing = f'<image width="320" height="180" preserveAspectRatio="xMidYMid meet" href="{uri}"/>'
    name = f"{len(files)}.svg"
    files[name] = f'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180">{drawing}</svg>'.encode()
    return name


def _finding(shown: html_page.Shown) -> Sheet:
    by = shown.approval
    return {
        "word": shown.word,
        "severity": shown.severity,
        "message": shown.message,
        "rule": shown.rule,
        "at": shown.at,
        "clause": shown.clause or "",
        "remedy": shown.remedy,
        "reasons": [
            {part: getattr(row, part) for part in ("said", "by", "place", "standing", "tool", "used")}
            for row in shown.reasons
        ],
        "approval": f"{by.who}, {by.reason} ({by.reference}), until {by.expires}" if by else "",
        "approval_state": "Let through by" if shown.waived else "Approval ended and counts no more:",
    }


def _found(row: FoundMatch) -> Sheet:
    return {
        "path": row.path,
        "at": row.at or "all of it",
        "known": row.match.known.path,
        "mark": sentences.identified(row.match),
        "verdict": row.verdict,
    }


def _approvals(finding: Finding) -> Iterator[Sheet]:
    for state, by in (("in force", finding.waived_by), ("ended", finding.expired_approval)):
        if by:
            told = {"who": by.who, "reason": by.reason, "reference": by.reference, "expires": by.expires}
            yield {"state": state, "path": finding.path, **told}


def _changes(delta: Delta | None) -> list[Sheet]:
    return [
        {"name": name, "count": f"{len(paths):,}", "paths": paths} for name, paths in sentences.changes(delta) if paths
    ]


def _identities(report: Report, inputs: Inputs) -> list[Sheet]:
    def row(name: str, text: str, sha256: str = "") -> Sheet:
        return {"name": name, "text": text, "sha256": sha256}

    return [
        row("Program", f"{report.tool} {report.version}"),
        row("Policy", inputs.policy.name, inputs.policy.sha256),
        *(row("Trust list", f"{listed.name} of {listed.issued}", listed.sha256) for listed in inputs.trust_lists),
        *(row("Third-party detector", named) for named in inputs.plugins),
        row("Catalogue", inputs.catalogue or "none; the folder was judged alone"),
        *([row("Ledger of the catalogue", inputs.ledger)] if inputs.ledger else ()),
        *(row(name, value) for name, value in report.extra.items()),
    ]
