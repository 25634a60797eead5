"""A report as the rows and cards of a page: assets with their findings, gravest first, each picture once."""

from __future__ import annotations

import base64
import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provenance.model.cut import Use
from provenance.model.evidence import Credential, Evidence
from provenance.model.finding import Approval, Because, Case, Finding
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Severity
from provenance.reports import sentences
from provenance.reports.compose import group_findings, order_by_gravity
from provenance.reports.content import describe_content
from provenance.reports.cut_overview import is_in_cut, map_timelines
from provenance.reports.document import group_into_runs
from provenance.reports.finding_texts import describe_message, describe_remedy
from provenance.reports.language import format_bytes, translate
from provenance.reports.overview import Overview, describe_group
from provenance.reports.reading_days import describe_reading
from provenance.reports.reasons import PicturePair, Reason, describe_reason
from provenance.reports.trust_sentences import describe_trust
from provenance.units import format_clock

FILTERS = (*Severity, "waived", "none")
"""Words by which a reader filters: a severity, waived findings, and assets without a finding; gravest first."""

PICTURE_BYTES = 24_000_000
"""JPEG bytes of thumbnails for assets without a finding; a browser must still open the page of a large storage."""

PAIR_BYTES = 24_000_000
"""JPEG bytes of the picture pairs of matches; findings come first, the gravest before all others."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as a page shows it."""

    rule: str
    severity: Severity
    message: str
    remedy: str
    at: str
    clause: str
    """With the word that says whose words they are; empty without one."""
    reasons: list[Reason]
    approval: Approval | None
    waived: bool
    approval_state: str
    """The words before the approval."""

    @property
    def word(self) -> str:
        """The filter word that selects it."""
        return "waived" if self.waived else self.severity


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset at one place, or the bare path of a finding whose asset is not in the report."""

    path: str
    root: str
    digest: str
    origin: str
    """What the file says of itself."""
    found: str
    """What known material was found in it, in words; empty when none was that is or may be generated."""
    media_type: str
    size: str
    read: str
    """`as read on 2026-11-22`; empty when the day is not known."""
    findings: list[FindingRow]
    reasons: list[Reason]
    facts: list[tuple[str, str]]
    thumbnail: str | None

    @property
    def worst(self) -> str:
        """Word of the gravest finding that is not waived, else `waived`; empty without a finding."""
        return min(self._words, key=FILTERS.index, default="")

    @property
    def severities(self) -> str:
        """Filter words, separated by spaces."""
        return " ".join(dict.fromkeys(self._words)) or "none"

    @property
    def _words(self) -> list[str]:
        return [row.word for row in self.findings]


@dataclass(frozen=True, slots=True)
class CardSection:
    """Cards of movies, of single files, or of files that were made the same way."""

    title: str
    """Of a group of files; empty for the others."""
    anchor: str
    """Under which the group is found on the page; empty without a title."""
    cards: list[AssetRow]


@dataclass(frozen=True, slots=True)
class SeverityGroup:
    """The cards under one word."""

    word: str
    meaning: str
    count: str
    sections: list[CardSection]


def map_anchors(report: Report) -> dict[tuple[str, str, Because], str]:
    """(path, digest, reason) -> the name under which the page shows it first, for matches and for uses in cuts.

    A use stands in one cut, so its digest is left out.
    """
    anchors: dict[tuple[str, str, Because], str] = {}
    for finding in report.findings:
        for reason in finding.because:
            if isinstance(reason, Use):
                anchors.setdefault((finding.path, "", reason), f"because-{len(anchors) + 1}")
            elif isinstance(reason, Match):
                anchors.setdefault((finding.path, finding.digest, reason), f"because-{len(anchors) + 1}")
    for case in report.cases:
        for match in case.matches:
            if match.known.origin in SUSPECT:
                key = case.location.path, case.reading.asset.digest, match
                anchors.setdefault(key, f"because-{len(anchors) + 1}")
    return anchors


def build_rows(report: Report, anchors: Mapping[tuple[str, str, Because], str] | None = None) -> list[AssetRow]:
    """Every asset in the order of the report, then paths that only a finding names. `anchors`: of `map_anchors`."""
    pairs = _PairBudget(PAIR_BYTES, dict(anchors or {}), _map_cutouts(report))
    # findings come before assets, so that their pictures are the first to take from the budget
    findings_by_asset: dict[tuple[str, str], list[FindingRow]] = {}
    for key, group in _group_by_card(report).items():
        findings_by_asset[key] = _build_findings(group, pairs)

    bytes_left = PICTURE_BYTES
    rows = []
    for case in report.cases:
        findings = findings_by_asset.get((case.location.path, case.reading.asset.digest), [])
        thumbnail = case.reading.thumbnail
        # a finding always keeps its thumbnail: it is what somebody has to look at
        if thumbnail and not findings:
            bytes_left -= len(thumbnail)
            if bytes_left < 0:
                thumbnail = None
        rows.append(_build_row(case, findings, thumbnail, pairs))

    # a folder that could not be listed has findings, but no asset
    with_row = {(row.path, row.digest) for row in rows}
    for (path, digest), findings in findings_by_asset.items():
        if (path, digest) not in with_row:
            rows.append(AssetRow(path, "", digest, "", "", "", "", "", findings, [], [], None))
    return rows


def _map_cutouts(report: Report) -> dict[tuple[str, str], bytes]:
    cutouts = {}
    for case in report.cases:
        for cutout in case.reading.cutouts:
            cutouts[case.reading.asset.digest, cutout.where] = cutout.picture
    return cutouts


def _group_by_card(report: Report) -> dict[tuple[str, str], list[Finding]]:
    """Findings by the asset whose card shows them; all places of a cut are on the card of its file."""
    timelines = map_timelines(report)
    cards: dict[tuple[str, str], list[Finding]] = {}
    for (path, digest), findings in group_findings(report).items():
        key = path, digest
        if is_in_cut(findings[0], timelines):
            key = path, timelines[findings[0].root, path].digest
        cards.setdefault(key, []).extend(findings)
    return {key: sorted(findings, key=order_by_gravity) for key, findings in cards.items()}


def group_rows(rows: list[AssetRow], overview: Overview, *, has_roots: bool = False) -> Iterator[SeverityGroup]:
    """Yield the rows with findings by the gravest of them, in the order of the overview: movies before all others."""
    meanings = {str(severity): translate(meaning) for severity, meaning in sentences.SEVERITIES.items()}
    meanings["waived"] = translate("approved to stay")
    places = _find_places(overview, has_roots=has_roots)
    last = _Place(len(places), "", "")
    for word, meaning in meanings.items():
        placed = [(places.get((row.path, row.digest), last), row) for row in rows if row.worst == word]
        placed.sort(key=lambda entry: entry[0].number)
        sections = []
        for (title, anchor), entries in itertools.groupby(placed, key=lambda entry: (entry[0].title, entry[0].anchor)):
            sections.append(CardSection(title, anchor, [row for _, row in entries]))
        if sections:
            yield SeverityGroup(word, meaning, sentences.format_count(len(placed), "asset", "assets"), sections)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the card of an asset stands, and the group that it belongs to."""

    number: int
    title: str
    anchor: str


def _find_places(overview: Overview, *, has_roots: bool) -> dict[tuple[str, str], _Place]:
    """(path, digest) of an asset -> its place; the gravest group that it is in decides."""
    places: dict[tuple[str, str], _Place] = {}
    for cut in overview.cuts:
        places.setdefault((cut.path, cut.digest), _Place(len(places), "", ""))
    for movie in overview.movies:
        for finding in movie.findings:
            places.setdefault((finding.path, finding.digest), _Place(len(places), "", ""))
    for number, group in enumerate(overview.groups, 1):
        title, anchor = "", ""
        if group.files > 1:
            title, anchor = describe_group(group, has_roots=has_roots), name_anchor(number)
        for finding in group.findings:
            places.setdefault((finding.path, finding.digest), _Place(len(places), title, anchor))
    return places


def name_anchor(number: int) -> str:
    """The name of a group on the page; groups count from 1."""
    return f"group-{number}"


@dataclass(slots=True)
class _PairBudget:
    """The picture pairs that one page may hold; it shows each pair once."""

    bytes_left: int
    anchors: dict[tuple[str, str, Because], str]
    """Names that no reason on the page has yet."""
    cutouts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By digest of the asset and place of the label: cut-outs that the page does not show yet."""
    used: set[Match] = field(default_factory=set)

    def describe_reason(self, because: Because, path: str, digest: str) -> Reason:
        """The parts of a reason; a match that the page does not show yet brings its pictures."""
        key = (path, "", because) if isinstance(because, Use) else (path, digest, because)
        parts = dataclasses.replace(describe_reason(because), anchor=self.anchors.pop(key, ""))
        if isinstance(because, Evidence):
            return dataclasses.replace(parts, cutout=self._take_cutout(digest, because.where))
        if not isinstance(because, Match) or not because.pictures or because in self.used:
            return parts
        self.used.add(because)
        self.bytes_left -= sum(map(len, because.pictures))
        pair = PicturePair(
            because.known.path, sentences.describe_match_verdict(because), sentences.describe_match_place(because)
        )
        if self.bytes_left >= 0:
            known, found = map(_encode_data_uri, because.pictures)
            pair = dataclasses.replace(pair, known=known, found=found)
        return dataclasses.replace(parts, pair=pair)

    def _take_cutout(self, digest: str, where: str) -> str:
        picture = self.cutouts.pop((digest, where), b"")
        self.bytes_left -= len(picture)
        if not picture or self.bytes_left < 0:
            return ""
        return _encode_data_uri(picture)


def _encode_data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def _build_row(case: Case, findings: list[FindingRow], thumbnail: bytes | None, pairs: _PairBudget) -> AssetRow:
    asset, reading = case.reading.asset, case.reading
    reasons: tuple[Because, ...] = (*reading.evidence, *case.matches, *case.uses, *reading.troubles)
    return AssetRow(
        path=case.location.path,
        root=case.location.root,
        digest=asset.digest,
        origin=case.origin,
        found=describe_content(case),
        media_type=asset.media_type,
        size=format_bytes(asset.size),
        read=describe_reading(case),
        findings=findings,
        reasons=[pairs.describe_reason(reason, case.location.path, asset.digest) for reason in reasons],
        facts=list(_list_facts(case)),
        thumbnail=_encode_data_uri(thumbnail) if thumbnail else None,
    )


def _build_findings(findings: list[Finding], pairs: _PairBudget) -> list[FindingRow]:
    rows = []
    for finding in findings:
        row = FindingRow(
            rule=finding.rule,
            severity=finding.severity,
            message=describe_message(finding),
            remedy=describe_remedy(finding),
            at=sentences.describe_place(finding),
            clause=sentences.capitalize(sentences.describe_clause(finding)),
            reasons=[pairs.describe_reason(reason, finding.path, finding.digest) for reason in finding.because],
            approval=finding.waived_by or finding.expired_approval or finding.uncovered_by,
            approval_state=_describe_approval_state(finding),
            waived=finding.waived_by is not None,
        )
        rows.append(row)
    return rows


def _describe_approval_state(finding: Finding) -> str:
    if finding.waived_by:
        return translate("Approved by")
    if finding.expired_approval:
        return translate("This approval expired and no longer counts:")
    if finding.uncovered_by and finding.uncovered_by.digest != finding.digest:
        return translate("This approval of the material that was found here does not cover the copy:")
    return translate("This approval does not cover it, because it was not known when the approval was given:")


def _list_facts(case: Case) -> Iterator[tuple[str, str]]:
    location, asset = case.location, case.reading.asset
    yield "sha256", asset.digest.removeprefix("sha256:")
    yield "xxh128", asset.xxh128
    if case.read_on:
        yield translate("read"), describe_reading(case)
    yield translate("type"), asset.media_type
    yield translate("zone"), location.zone
    if asset.width and asset.height:
        yield translate("picture"), f"{asset.width} × {asset.height}"
    if asset.duration is not None:
        yield translate("duration"), format_clock(asset.duration)
    if asset.writer:
        yield translate("writer"), asset.writer
    if location.missing:
        yield translate("missing frames"), sentences.format_frames(group_into_runs(location.missing))
    if location.sequence:
        differs = translate("differs from {sequence}", sequence=location.sequence)
        yield translate("frame {frame}", frame=str(location.frame)), differs
    if location.parent:
        yield translate("inside"), location.parent
    for credential in case.reading.credentials:
        yield translate("credential"), _describe_credential(credential)


def _describe_credential(credential: Credential) -> str:
    # four separate facts: one word for all of them would call an expired certificate a forgery
    parts = [
        translate("binding {state}", state=translate(credential.binding)),
        translate("signature {state}", state=translate(credential.signature)),
        translate("trust {state}", state=describe_trust(credential)),
        translate("time {state}", state=translate(credential.time)),
    ]
    if credential.signer:
        parts.append(translate("signed by {signer}", signer=credential.signer))
    if credential.remote_url:
        parts.append(translate("stored at {address}", address=credential.remote_url))
    return f"{credential.where}: {', '.join(parts)}"
