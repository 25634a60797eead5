"""A report as the rows and cards that pages show: assets with their findings, gravest first, thumbnails once."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.model.evidence import Credential
from provenance.model.finding import Approval, Because, Case, Finding
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.compose import findings_of
from provenance.reports.document import ranges
from provenance.reports.reasons import Pair, Reason, reason

FILTERS = (*Severity, "waived", "none")
"""What a reader may ask for: a severity, what was let through, and assets without a finding."""

PICTURE_BYTES = 24_000_000
"""Thumbnails of assets without a finding stop here, so that a browser still opens the page of a large storage."""


PAIR_BYTES = 24_000_000
"""The same for the pairs of pictures of matches, those of findings first, the gravest before all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as a page shows it."""

    rule: str
    severity: Severity
    message: str
    remedy: str
    at: str
    clause: str | None
    reasons: list[Reason]
    approval: Approval | None
    waived: bool

    @property
    def word(self) -> str:
        """Under which word a reader looks for it."""
        return "waived" if self.waived else self.severity


@dataclass(frozen=True, slots=True)
class PageRow:
    """One asset at one place, or the bare path of a finding whose asset has no row."""

    path: str
    root: str
    digest: str
    origin: str
    media_type: str
    size: str
    findings: list[Shown]
    reasons: list[Reason]
    facts: list[tuple[str, str]]
    thumbnail: str | None

    @property
    def worst(self) -> str:
        """Word of the gravest finding that is not waived, else `waived`; empty without a finding."""
        return min((shown.word for shown in self.findings), key=FILTERS.index, default="")

    @property
    def severities(self) -> str:
        """Words to filter by, apart by spaces."""
        return " ".join(dict.fromkeys(shown.word for shown in self.findings)) or "none"


@dataclass(frozen=True, slots=True)
class Group:
    """The cards under one word."""

    word: str
    meaning: str
    count: str
    cards: list[PageRow]


def rows(report: Report) -> list[PageRow]:
    """Every asset in the order of the report, then paths that only a finding names."""
    room = _ImageBudget(PAIR_BYTES)
    found = {key: _shown(findings, room) for key, findings in findings_of(report).items()}
    budget = PICTURE_BYTES
    listed = []
    for case in report.cases:
        findings = found.get((case.location.path, case.reading.asset.digest), [])
        picture = case.reading.thumbnail
        if picture and not findings:
            budget -= len(picture)
        listed.append(_row(case, findings, picture if findings or budget >= 0 else None, room))
    with_row = {(row.path, row.digest) for row in listed}
    bare = [_bare(*key, findings) for key, findings in found.items() if key not in with_row]
    return listed + bare


def groups(listed: list[PageRow]) -> Iterator[Group]:
    """Rows with findings by the gravest of them."""
    meanings = {
        **{str(severity): text for severity, text in sentences.SEVERITIES.items()},
        "waived": "let through by approval",
    }
    for word, meaning in meanings.items():
        cards = [row for row in listed if row.worst == word]
        if cards:
            yield Group(word, meaning, sentences.count(len(cards), "asset"), cards)


@dataclass(slots=True)
class _ImageBudget:
    """Room for pairs of pictures on one page; each pair stands on it once."""

    left: int
    shown: set[Match] = field(default_factory=set)

    def reason(self, because: Because) -> Reason:
        """The parts of a reason, with the pictures of a match that was not shown yet."""
        told = reason(because)
        if not isinstance(because, Match) or not because.pictures or because in self.shown:
            return told
        self.shown.add(because)
        self.left -= sum(map(len, because.pictures))
        pair = Pair(because.known.path, sentences.verdict_of(because), sentences.found_at(because))
        if self.left >= 0:
            known, found = map(_uri, because.pictures)
            pair = dataclasses.replace(pair, known=known, found=found)
        return dataclasses.replace(told, pair=pair)


def _uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}"


def _row(case: Case, findings: list[Shown], picture: bytes | None, room: _ImageBudget) -> PageRow:
    asset = case.reading.asset
    return PageRow(
        path=case.location.path,
        root=case.location.root,
        digest=asset.digest,
        origin=case.origin,
        media_type=asset.media_type,
        size=sentences.size(asset.size),
        findings=findings,
        reasons=[room.reason(said) for said in _said(case)],
        facts=list(_facts(case)),
        thumbnail=_uri(picture) if picture else None,
    )


def _said(case: Case) -> Iterator[Because]:
    yield from case.reading.evidence
    yield from case.matches
    yield from case.uses
    yield from case.reading.troubles


def _bare(path: str, digest: str, findings: list[Shown]) -> PageRow:
    return PageRow(path, "", digest, "", "", "", findings, [], [], None)


def _shown(findings: list[Finding], room: _ImageBudget) -> list[Shown]:
    return [
        Shown(
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            remedy=finding.remedy,
            at=sentences.where(finding),
            clause=finding.clause,
            reasons=[room.reason(because) for because in finding.because],
            approval=finding.waived_by or finding.expired_approval,
            waived=finding.waived_by is not None,
        )
        for finding in findings
    ]


def _facts(case: Case) -> Iterator[tuple[str, str]]:
    location, asset = case.location, case.reading.asset
    yield "sha256", asset.digest.removeprefix("sha256:")
    yield "xxh128", asset.xxh128
    yield "type", asset.media_type
    yield "zone", location.zone
    if asset.width and asset.height:
        yield "picture", f"{asset.width} × {asset.height}"
    if asset.duration is not None:
        yield "duration", sentences.clock(asset.duration)
    if asset.writer:
        yield "writer", asset.writer
    if location.missing:
        yield "missing frames", sentences.frames(ranges(location.missing))
    if location.sequence:
        yield f"frame {location.frame}", f"differs from {location.sequence}"
    if location.parent:
        yield "inside", location.parent
    for credential in case.reading.credentials:
        yield "credential", _credential(credential)


def _credential(credential: Credential) -> str:
    facts = f"binding {credential.binding}, signature {credential.signature}, trust {credential.trust}"
    signer = f", signed by {credential.signer}" if credential.signer else ""
    kept = f", kept at {credential.remote_url}" if credential.remote_url else ""
    listed = f" ({credential.list})" if credential.list else ""
    return f"{credential.where}: {facts}{listed}, time {credential.time}{signer}{kept}"
