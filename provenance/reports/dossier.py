"""A report as data for the template of the legal dossier, section by section in the order in which a lawyer asks."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator

from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Finding, Use
from provenance.model.report import Delta, Report
from provenance.reports import html_page, sentences
from provenance.reports.compose import summarize
from provenance.reports.document import identify
from provenance.reports.matches import FoundMatch, find_lost_marks, list_matches_without_finding
from provenance.reports.reasons import Reason
from provenance.reports.trust_sentences import describe_list

MAX_THUMBNAILS = 200
"""Assets with a thumbnail; the others have none."""

TemplateData = dict[str, object]
"""What the template sets, as JSON values."""


def build_template_data(report: Report, files: dict[str, bytes]) -> TemplateData:
    """Everything that the template sets. Adds the pictures to `files`, under the names that the data uses for them."""
    rows, inputs, identity = html_page.build_rows(report), report.inputs, identify(report)
    made = datetime.datetime.fromisoformat(report.made_at)
    # an approval that waives several findings is listed once for each of them
    approvals = []
    for finding in report.findings:
        approvals += list(_build_approvals(finding))
    return {
        "tool": report.tool,
        "made_at": report.made_at,
        # typst cannot parse a date, so it gets the numbers
        "made": {part: getattr(made, part) for part in ("year", "month", "day", "hour", "minute", "second")},
        "footer": _build_footer(report, identity),
        "roots": inputs.roots,
        "verdict": sentences.describe_verdict(report),
        "coverage": sentences.capitalize(sentences.describe_coverage(report)) + ".",
        "excluded": ", ".join(inputs.excluded),
        "origins_counted": sentences.describe_origins(report),
        "figures": _build_figures(report),
        "groups": [_build_group(group, files) for group in html_page.group_rows(rows)],
        "mark_lost": list(map(_build_match, find_lost_marks(report))),
        "matches_without_finding": list(map(_build_match, list_matches_without_finding(report))),
        "approvals": approvals,
        "troubles": list(map(_build_trouble, report.all_troubles)),
        "changes": _build_changes(report.delta),
        "uses": list(map(_build_use, report.uses)),
        "not_asked": sentences.describe_not_asked(inputs.policy),
        "limits": sentences.LIMITS,
        "glossaries": [
            {"name": "Origin: what an asset is known to be", "words": list(sentences.ORIGINS.items())},
            {"name": "Standing: how far a statement can be believed", "words": list(sentences.STANDINGS.items())},
        ],
        "identities": _build_identities(report, identity),
        "assets": list(map(_build_asset, rows)),
    }


def _build_footer(report: Report, identity: str) -> list[str]:
    """Two lines for every page: when the report was made and which one it is, then what it was made with."""
    which = f"Made {report.made_at} · report {identity[:16]}"
    inputs = report.inputs
    if inputs.ledger:
        # enough of it to tell two reports apart; the whole head is at the end
        length, _, head = inputs.ledger.partition(":")
        which += f" · ledger {length}:{head[:12]}"
    made_with = f"{report.tool} {report.version} · policy {inputs.policy.name} {inputs.policy.sha256[:12]}"
    return [which, made_with]


def _build_figures(report: Report) -> list[TemplateData]:
    figures = summarize(report)
    return [
        *itertools.starmap(_build_figure, figures.findings.items()),
        _build_figure("waived", sum(figures.waived.values())),
        _build_figure("not checked", report.coverage.could_not),
        _build_figure("assets", figures.assets),
    ]


def _build_figure(word: str, number: int) -> TemplateData:
    return {"word": word, "number": f"{number:,}"}


def _build_group(group: html_page.SeverityGroup, files: dict[str, bytes]) -> TemplateData:
    cards = [_build_card(card, files) for card in group.cards]
    return {"word": group.word, "meaning": group.meaning, "count": group.count, "cards": cards}


def _build_card(card: html_page.AssetRow, files: dict[str, bytes]) -> TemplateData:
    return {
        "path": card.path,
        "origin": card.origin,
        "media_type": card.media_type,
        "size": card.size,
        "digest": card.digest,
        "picture": _add_picture(card.thumbnail, files),
        "findings": list(map(_build_finding, card.findings)),
    }


def _add_picture(uri: str | None, files: dict[str, bytes]) -> str:
    """Add a thumbnail to `files`; gives its name there, empty without a picture or beyond the limit."""
    if uri is None or len(files) > MAX_THUMBNAILS:
        return ""
    # typst takes virtual files as text only, so the JPEG travels inside an SVG; typst writes it through unchanged
    drawing = f'<image width="320" height="180" preserveAspectRatio="xMidYMid meet" href="{uri}"/>'
    name = f"{len(files)}.svg"
    files[name] = f'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180">{drawing}</svg>'.encode()
    return name


def _build_finding(row: html_page.FindingRow) -> TemplateData:
    return {
        "word": row.word,
        "severity": row.severity,
        "message": row.message,
        "rule": row.rule,
        "at": row.at,
        "clause": row.clause or "",
        "remedy": row.remedy,
        "reasons": list(map(_build_reason, row.reasons)),
        "approval": _describe_approval(row.approval) if row.approval else "",
        "approval_state": row.approval_state,
    }


def _build_reason(reason: Reason) -> TemplateData:
    return {part: getattr(reason, part) for part in ("text", "by", "place", "standing", "vouched", "tool", "used")}


def _describe_approval(approval: Approval) -> str:
    return f"{approval.who}, {approval.reason} ({approval.reference}), until {approval.expires}"


def _build_match(row: FoundMatch) -> TemplateData:
    return {
        "path": row.path,
        "at": row.at or "all of it",
        "known": row.match.known.path,
        "mark": sentences.describe_known(row.match),
        "verdict": row.verdict,
    }


def _build_approvals(finding: Finding) -> Iterator[TemplateData]:
    states = {
        "in force": finding.waived_by,
        "expired": finding.expired_approval,
        "does not cover it": finding.uncovered_by,
    }
    for state, approval in states.items():
        if approval:
            yield {
                "state": state,
                "path": finding.path,
                "who": approval.who,
                "reason": approval.reason,
                "reference": approval.reference,
                "expires": approval.expires,
            }


def _build_trouble(trouble: Trouble) -> TemplateData:
    return {"path": trouble.path, "cause": trouble.cause, "stage": trouble.stage, "detail": trouble.detail}


def _build_changes(delta: Delta | None) -> list[TemplateData]:
    changes = []
    for kind, paths in sentences.list_changes(delta):
        if paths:
            row: TemplateData = {"kind": kind, "count": f"{len(paths):,}", "paths": paths}
            changes.append(row)
    return changes


def _build_use(use: Use) -> TemplateData:
    return {
        "timeline": f"{use.timeline}, {use.track}",
        "record": f"{use.record_in} – {use.record_out}",
        "source": use.source,
        "times": f"{use.source_in} – {use.source_out}",
    }


def _build_asset(row: html_page.AssetRow) -> TemplateData:
    return {"path": row.path, "sha256": row.digest, "origin": row.origin, "size": row.size}


def _build_identities(report: Report, identity: str) -> list[TemplateData]:
    """Which report this is, and everything that it depends on besides the files."""
    inputs = report.inputs
    rows = [
        _build_identity("This report", "digest of its JSON form, as --output json=FILE writes it", identity),
        _build_identity("Program", f"{report.tool} {report.version}"),
        _build_identity("Policy", sentences.describe_policy(inputs.policy), inputs.policy.sha256),
    ]
    rows += [_build_identity("Trust list", describe_list(facts), facts.sha256) for facts in inputs.trust_lists]
    rows += [_build_identity("Third-party detector", plugin) for plugin in inputs.plugins]
    rows.append(_build_identity("Catalogue", inputs.catalogue or "none; the folder was judged alone"))
    if inputs.ledger:
        # with this head anybody can later check the catalogue: `provenance verify --head`
        rows.append(_build_identity("Ledger of the catalogue", "", head=inputs.ledger))
    rows += itertools.starmap(_build_identity, report.extra.items())
    return rows


def _build_identity(name: str, text: str, sha256: str = "", head: str = "") -> TemplateData:
    digest = f"sha256:{sha256}" if sha256 else head
    return {"name": name, "text": text, "digest": digest}
