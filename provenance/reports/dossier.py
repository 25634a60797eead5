"""A report as data for the template of the legal dossier, section by section in the order in which a lawyer asks."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import itertools
import re
import struct
from collections.abc import Iterator, Sequence
from importlib import resources

from provenance.model.cut import Use
from provenance.model.debt import Debt
from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Case, Finding
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Origin
from provenance.reports import html_page, sentences
from provenance.reports.compose import list_unopposed, summarize
from provenance.reports.content import describe_both, describe_found_content
from provenance.reports.cover_page import CoverPage, build_cover
from provenance.reports.cut_overview import CutSummary
from provenance.reports.debt import describe_debt, describe_left_out, list_groups, list_rows
from provenance.reports.document import identify
from provenance.reports.escape import LONGEST, shorten
from provenance.reports.language import format_number, get_language, translate
from provenance.reports.limits import list_limits
from provenance.reports.matches import FoundMatch, find_lost_marks, list_matches_without_finding
from provenance.reports.overview import LONGEST_TEXT, Movie, Overview, build_overview, describe_group, describe_notes
from provenance.reports.reading_days import describe_days, describe_reading, describe_runs, list_changed
from provenance.reports.reasons import PicturePair, Reason
from provenance.reports.trust_sentences import describe_list
from provenance.reports.verdicts import build_sections, list_reports, list_verdicts

MAX_THUMBNAILS = 200
"""Assets with a thumbnail; the others have none."""

MAX_PAIRS = 150
"""Pairs of pictures; the findings after them name the known material without."""

MAX_MOVIES = 200
"""Movies, and likewise groups, that the first pages list."""

MAX_CAPTURED = 500
"""Captured assets that are listed with their evidence."""

_MOST_LINES = 40
"""Lines of a finding that are kept on one page; a longer one may break between two of its reasons."""

_FRAMES = range(0xFFC0, 0xFFC4)
"""Markers of JPEG segments that hold the size of the picture."""

_LINE = 95
"""Characters on a line."""

_PAIR_LINES = 11
"""Lines that a pair of pictures takes."""

TemplateData = dict[str, object]
"""What the template sets, as JSON values."""


def build_template_data(report: Report, files: dict[str, bytes]) -> TemplateData:
    """Everything that the template sets. Adds the pictures to `files`, under the names that the data uses for them."""
    rows, inputs, identity = html_page.build_rows(report), report.inputs, identify(report)
    made = datetime.datetime.fromisoformat(report.made_at)
    overview, has_roots = build_overview(report), len(inputs.roots) > 1
    with_shots = [movie for movie in overview.movies if movie.shots]
    groups = html_page.group_rows(rows, overview, has_roots=has_roots)
    captured = [row for row in rows if row.origin in (Origin.CAPTURED, Origin.CREATED)]
    # an approval that waives several findings is listed once for each of them
    approvals = []
    for finding in report.findings:
        approvals += list(_build_approvals(finding))
    return {
        "tool": report.tool,
        "words": _translate_template(),
        "names": sentences.name_severities(),
        "language": get_language(),
        "cover": _build_cover(build_cover(report)),
        "made_at": report.made_at,
        # typst cannot parse a date, so it gets the numbers
        "made": {part: getattr(made, part) for part in ("year", "month", "day", "hour", "minute", "second")},
        "footer": _build_footer(report, identity),
        "roots": inputs.roots,
        "verdicts": list_verdicts(report),
        "other_policies": list(map(dataclasses.asdict, build_sections(report))),
        "coverage": sentences.capitalize(sentences.describe_coverage(report)) + ".",
        "excluded": ", ".join(inputs.excluded),
        "origins_counted": sentences.describe_origins(report),
        "found_counted": describe_found_content(report),
        "figures": _build_figures(report),
        "cuts": [_build_cut(cut) for cut in overview.cuts[:MAX_MOVIES]],
        "movies": [_build_movie(movie, has_roots) for movie in with_shots[:MAX_MOVIES]],
        "movies_heading": _count_movies(overview, with_shots),
        "movies_without": _list_movies_without(overview, has_roots),
        "finding_groups": _build_finding_groups(overview, has_roots),
        "groups": [_build_group(group, files) for group in groups],
        "captured": [_build_captured(row, files) for row in captured[:MAX_CAPTURED]],
        "captured_more": _describe_more_captured(len(captured) - MAX_CAPTURED),
        "days": sentences.capitalize(describe_days(report)),
        "changed": [{"path": case.location.path, "text": describe_reading(case)} for case in list_changed(report)],
        "unopposed": [_build_unopposed(case) for case in list_unopposed(report)],
        "mark_lost": list(map(_build_match, find_lost_marks(report))),
        "matches_without_finding": list(map(_build_match, list_matches_without_finding(report))),
        "approvals": approvals,
        "troubles": list(map(_build_trouble, report.all_troubles)),
        "changes": _build_changes(report.delta),
        "debt": _build_debt(report.debt),
        "since": sentences.describe_since(report.delta) if report.delta else "",
        "uses": list(map(_build_use, report.uses)),
        "not_asked": sentences.list_not_asked(inputs.policy),
        "undeclared": sentences.capitalize(sentences.describe_undeclared(report)),
        "limits": list_limits(report),
        "glossaries": [
            {
                "name": translate("Origin: what the own marks of a file say it is"),
                "words": list(sentences.explain(sentences.ORIGINS).items()),
            },
            {
                "name": translate("Standing: how far a statement can be believed"),
                "words": list(sentences.explain(sentences.STANDINGS).items()),
            },
        ],
        "identities": _build_identities(report, identity),
        "assets": list(map(_build_asset, rows)),
    }


_TEMPLATE_WORDS = re.compile(rb'\b(?:t|data\.words\.at)\("([^"\\]+)"\)')
"""Messages in the template: `t("Findings")`."""


def list_template_words(template: bytes) -> list[str]:
    """Every message that a template names, in its order."""
    return [word.decode() for word in _TEMPLATE_WORDS.findall(template)]


def read_template() -> bytes:
    """The template, as typst reads it."""
    return resources.files("provenance.reports").joinpath("templates", "report.typ").read_bytes()


def _translate_template() -> TemplateData:
    """The messages of the template -> the words of the language."""
    return {word: translate(word) for word in list_template_words(read_template())}


def _build_cover(page: CoverPage) -> TemplateData:
    return dataclasses.asdict(page)


def _describe_more_captured(number: int) -> str:
    if number <= 0:
        return ""
    return translate("And {number} more, with their evidence in the JSON report.", number=number)


def _build_footer(report: Report, identity: str) -> list[str]:
    """Two lines for every page: when the report was made and which one it is, then what it was made with."""
    which = translate("Made {time} · report {identity}", time=report.made_at, identity=identity[:16])
    inputs = report.inputs
    if inputs.ledger:
        # enough of it to tell two reports apart; the whole head is at the end
        length, _, head = inputs.ledger.partition(":")
        which += translate(" · ledger {head}", head=f"{length}:{head[:12]}")
    policy = f"{inputs.policy.name} {inputs.policy.sha256[:12]}"
    made_with = translate("{program} · policy {policy}", program=f"{report.tool} {report.version}", policy=policy)
    return [which, made_with]


def _build_unopposed(case: Case) -> TemplateData:
    return {"path": case.location.path, "text": describe_both(case)}


def _build_figures(report: Report) -> list[TemplateData]:
    figures = summarize(report)
    return [
        *itertools.starmap(_build_figure, figures.findings.items()),
        _build_figure("waived", sum(figures.waived.values())),
        _build_figure(translate("not checked"), report.coverage.could_not),
        _build_figure(translate("assets"), figures.assets),
    ]


def _build_figure(word: str, number: int) -> TemplateData:
    return {"word": word, "number": format_number(number)}


def _count_movies(overview: Overview, with_shots: Sequence[Movie]) -> str:
    if not overview.movies:
        return ""
    return translate(
        "Movies and frame sequences, longest first ({found} of {number} with findings)",
        found=len(with_shots),
        number=len(overview.movies),
    )


def _build_cut(cut: CutSummary) -> TemplateData:
    shots = [{"word": shot.severity, "at": shot.at, "text": shorten(shot.text, LONGEST_TEXT)} for shot in cut.shots]
    return {"path": cut.path, "notes": f" ({cut.notes})", "shots": shots}


def _build_movie(movie: Movie, has_roots: bool) -> TemplateData:
    shots = [{"word": shot.severity, "at": shot.at, "text": shorten(shot.text, LONGEST_TEXT)} for shot in movie.shots]
    return {"path": movie.path, "notes": describe_notes(movie, has_roots=has_roots), "shots": shots}


def _list_movies_without(overview: Overview, has_roots: bool) -> list[str]:
    silent = [movie for movie in overview.movies if not movie.shots]
    names = [movie.path + describe_notes(movie, has_roots=has_roots) for movie in silent[:MAX_MOVIES]]
    if len(silent) > MAX_MOVIES:
        names.append(translate("{number} more", number=len(silent) - MAX_MOVIES))
    return names


def _build_finding_groups(overview: Overview, has_roots: bool) -> list[TemplateData]:
    shown = overview.groups[:MAX_MOVIES]
    rows = [_build_line(group.severity, describe_group(group, has_roots=has_roots)) for group in shown]
    hidden = overview.groups[MAX_MOVIES:]
    if hidden:
        findings = sum(len(group.findings) for group in hidden)
        text = translate("and {number} more groups with {findings} findings", number=len(hidden), findings=findings)
        rows.append(_build_line(hidden[0].severity, text))
    return rows


def _build_line(word: str, text: str) -> TemplateData:
    return {"word": word, "text": text}


def _build_group(group: html_page.SeverityGroup, files: dict[str, bytes]) -> TemplateData:
    sections = []
    for section in group.sections:
        cards = [_build_card(card, files) for card in section.cards]
        sections.append({"title": section.title, "cards": cards})
    return {"word": group.word, "meaning": group.meaning, "count": group.count, "sections": sections}


def _build_card(card: html_page.AssetRow, files: dict[str, bytes]) -> TemplateData:
    return {
        "path": card.path,
        "origin": sentences.name_word(card.origin),
        "found": card.found,
        "read": card.read,
        "media_type": card.media_type,
        "size": card.size,
        "digest": card.digest,
        "picture": _add_thumbnail(card.thumbnail, files),
        "findings": [_build_finding(finding, files) for finding in card.findings],
    }


def _build_captured(row: html_page.AssetRow, files: dict[str, bytes]) -> TemplateData:
    facts = [value for name, value in row.facts if name == translate("credential")]
    reasons = [_build_reason(reason, files) for reason in row.reasons]
    return {
        "path": row.path,
        "origin": sentences.name_word(row.origin),
        "digest": row.digest,
        "reasons": reasons,
        "credentials": facts,
    }


def _add_thumbnail(uri: str | None, files: dict[str, bytes]) -> TemplateData | None:
    """Add a thumbnail to `files`; None without a picture or beyond the limit."""
    count = sum(name.startswith("thumbnail") for name in files)
    if not uri or count >= MAX_THUMBNAILS:
        return None
    return _add_picture(uri, f"thumbnail{count}.svg", files)


def _add_picture(uri: str, name: str, files: dict[str, bytes]) -> TemplateData:
    """Add a picture to `files` under this name; gives the name, and how many times it is as wide as high."""
    # typst takes virtual files as text only, so the JPEG travels inside an SVG; typst writes it through unchanged
    width, height = _read_size(base64.b64decode(uri.partition(",")[2]))
    drawing = f'<image width="{width}" height="{height}" href="{uri}"/>'
    files[name] = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{drawing}</svg>'.encode()
    return {"file": name, "ratio": width / max(height, 1)}


def _read_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that this program wrote."""
    place = 2
    while place + 9 <= len(jpeg):
        marker, length = struct.unpack_from(">HH", jpeg, place)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", jpeg, place + 5)
            return width, height
        place += 2 + length
    return 320, 180


def _build_finding(row: html_page.FindingRow, files: dict[str, bytes]) -> TemplateData:
    reasons = [_build_reason(reason, files) for reason in row.reasons]
    return {
        "word": row.word,
        "severity": sentences.name_word(row.severity),
        "message": row.message,
        "rule": row.rule,
        "at": row.at,
        "clause": row.clause,
        "remedy": row.remedy,
        "reasons": reasons,
        "whole": _count_lines(row) <= _MOST_LINES,
        "approval": _describe_approval(row.approval) if row.approval else "",
        "approval_state": row.approval_state,
    }


def _count_lines(row: html_page.FindingRow) -> int:
    """About as many lines as the finding takes with all that belongs to it."""
    texts = [row.message, row.clause, row.remedy]
    lines = 3
    for reason in row.reasons:
        texts += [reason.text, reason.used, f"{reason.by}{reason.place}{reason.tool}"]
        if reason.pair and reason.pair.known:
            lines += _PAIR_LINES
    return lines + sum(1 + min(len(text), LONGEST) // _LINE for text in texts if text)


def _build_reason(reason: Reason, files: dict[str, bytes]) -> TemplateData:
    parts = ("text", "by", "place", "standing", "vouched", "tool", "used")
    row: TemplateData = {part: getattr(reason, part) for part in parts}
    row["standing"], row["by"] = sentences.name_word(reason.standing), sentences.name_word(reason.by)
    row["pair"] = _build_pair(reason.pair, files) if reason.pair else None
    return row


def _build_pair(pair: PicturePair, files: dict[str, bytes]) -> TemplateData:
    count = sum(name.startswith("known") for name in files)
    known = found = None
    if pair.known and count < MAX_PAIRS:
        known = _add_picture(pair.known, f"known{count}.svg", files)
        found = _add_picture(pair.found, f"found{count}.svg", files)
    found_text = translate("Found here ({verdict}); the matching area is outlined", verdict=pair.verdict)
    if pair.at:
        found_text = translate(
            "Found at {place} ({verdict}); the matching area is outlined", place=pair.at, verdict=pair.verdict
        )
    return {
        "known_picture": known,
        "found_picture": found,
        "known": pair.known_path,
        "found": found_text,
    }


def _describe_approval(approval: Approval) -> str:
    return translate(
        "{who}, {reason} ({reference}), until {day}",
        who=approval.who,
        reason=approval.reason,
        reference=approval.reference,
        day=approval.expires,
    )


def _build_match(row: FoundMatch) -> TemplateData:
    return {
        "path": row.path,
        "at": row.at or translate("all of it"),
        "known": row.match.known.path,
        "mark": sentences.describe_known(row.match),
        "verdict": row.verdict,
    }


def _build_approvals(finding: Finding) -> Iterator[TemplateData]:
    states = {
        translate("in force"): finding.waived_by,
        translate("expired"): finding.expired_approval,
        translate("does not cover it"): finding.uncovered_by,
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
    return {
        "path": trouble.path,
        "cause": sentences.name_word(trouble.cause),
        "stage": trouble.stage,
        "detail": trouble.detail,
    }


def _build_changes(delta: Delta | None) -> list[TemplateData]:
    changes = []
    for kind, paths in sentences.list_changes(delta):
        if paths:
            row: TemplateData = {"kind": kind, "count": format_number(len(paths)), "paths": paths}
            changes.append(row)
    return changes


def _build_debt(debt: Debt | None) -> TemplateData:
    """The generated material in deliverables; an empty text stands for a report that did not count it."""
    if debt is None:
        return {"text": "", "groups": [], "rows": [], "left_out": ""}
    groups: list[TemplateData] = []
    for heading, counts in list_groups(debt):
        figures = ", ".join(f"{name} {format_number(number)}" for name, number in counts)
        groups.append({"heading": heading, "figures": figures})
    rows: list[TemplateData] = []
    for row in list_rows(debt):
        facts = " · ".join(filter(None, [row.state_words, row.origin, row.made_with, row.owner]))
        rows.append(
            {"path": row.path, "facts": facts, "places": row.places, "since": row.since, "first_seen": row.first_seen}
        )
    return {"text": describe_debt(debt), "groups": groups, "rows": rows, "left_out": describe_left_out(debt)}


def _build_use(use: Use) -> TemplateData:
    return {
        "timeline": f"{use.timeline}, {use.track}",
        "record": f"{use.record_in} – {use.record_out}",
        "source": use.source,
        "times": f"{use.source_in} – {use.source_out}" if use.source_in else "",
    }


def _build_asset(row: html_page.AssetRow) -> TemplateData:
    return {
        "path": row.path,
        "sha256": row.digest,
        "origin": sentences.name_word(row.origin),
        "found": row.found,
        "size": row.size,
        "read": row.read,
    }


def _build_identities(report: Report, identity: str) -> list[TemplateData]:
    """Which report this is, and everything that it depends on besides the files."""
    inputs = report.inputs
    rows = [
        _build_identity(
            translate("This report"), translate("digest of its JSON form, as --output json=FILE writes it"), identity
        ),
        _build_identity(translate("Program"), f"{report.tool} {report.version}"),
    ]
    for each in list_reports(report):
        policy = each.inputs.policy
        rows.append(_build_identity(translate("Policy"), sentences.describe_policy(policy), policy.sha256))
        rows.append(_build_identity(translate("Guidance"), sentences.describe_guidance(policy)))
    rows += [
        _build_identity(translate("Trust list"), describe_list(facts), facts.sha256) for facts in inputs.trust_lists
    ]
    rows += [_build_identity(translate("Third-party detector"), plugin) for plugin in inputs.plugins]
    rows += [_build_identity(translate("Read by"), run) for run in describe_runs(report)]
    rows.append(
        _build_identity(translate("Catalogue"), inputs.catalogue or translate("none; the folder was judged alone"))
    )
    if inputs.ledger:
        # with this head anybody can later check the catalogue: `provenance verify --head`
        rows.append(_build_identity(translate("Ledger of the catalogue"), "", head=inputs.ledger))
    rows += itertools.starmap(_build_identity, report.extra.items())
    return rows


def _build_identity(name: str, text: str, sha256: str = "", head: str = "") -> TemplateData:
    digest = f"sha256:{sha256}" if sha256 else head
    return {"name": name, "text": text, "digest": digest}
