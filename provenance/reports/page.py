"""A report as the rows and cards that pages show: assets with their findings, gravest first, thumbnails once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model import Approval, Because, Case, Credential, Finding, Report, Severity
from provenance.reports import words
from provenance.reports.compose import findings_of, in_force
from provenance.reports.document import ranges
from provenance.reports.reasons import Reason, reason

FILTERS = (*Severity, "waived", "none")
"""What a reader may ask for: a severity, what was let through, and assets without a finding."""

PICTURE_BYTES = 24_000_000
"""Thumbnails of assets without a finding stop here, so that a browser still opens the page of a large storage."""


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
class Row:
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
    cards: list[Row]


def rows(report: Report) -> list[Row]:
    """Every asset in the order of the report, then paths that only a finding names."""
    found = findings_of(report)
    budget = PICTURE_BYTES
    listed = []
    for case in report.cases:
        findings = found.get((case.location.path, case.reading.asset.digest), [])
        picture = case.reading.thumbnail
        if picture and not findings:
            budget -= len(picture)
        listed.append(_row(case, _shown(findings, report.made_at), picture if findings or budget >= 0 else None))
    with_row = {(row.path, row.digest) for row in listed}
    bare = [_bare(path, digest, report) for path, digest in found if (path, digest) not in with_row]
    return listed + bare


def groups(listed: list[Row]) -> Iterator[Group]:
    """Rows with findings by the gravest of them."""
    meanings = {
        **{str(severity): text for severity, text in words.SEVERITIES.items()},
        "waived": "let through by approval",
    }
    for word, meaning in meanings.items():
        cards = [row for row in listed if row.worst == word]
        if cards:
            yield Group(word, meaning, words.count(len(cards), "asset"), cards)


def _row(case: Case, findings: list[Shown], picture: bytes | None) -> Row:
    asset = case.reading.asset
    return Row(
        path=case.location.path,
        root=case.location.root,
        digest=asset.digest,
        origin=case.origin,
        media_type=asset.media_type,
        size=words.size(asset.size),
        findings=findings,
        reasons=[reason(said) for said in _said(case)],
        facts=list(_facts(case)),
        thumbnail=f"data:image/jpeg;base64,{base64.b64encode(picture).decode('ascii')}" if picture else None,
    )


def _said(case: Case) -> Iterator[Because]:
    yield from case.reading.evidence
    yield from case.matches
    yield from case.uses
    yield from case.reading.troubles


def _bare(path: str, digest: str, report: Report) -> Row:
    findings = _shown(findings_of(report)[path, digest], report.made_at)
    return Row(path, "", digest, "", "", "", findings, [], [], None)


def _shown(findings: list[Finding], day: str) -> list[Shown]:
    return [
        Shown(
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            remedy=finding.remedy,
            at=words.where(finding),
            clause=finding.clause,
            reasons=[reason(because) for because in finding.because],
            approval=finding.waived_by,
            waived=in_force(finding, day),
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
        yield "duration", words.clock(asset.duration)
    if asset.writer:
        yield "writer", asset.writer
    if location.missing:
        yield "missing frames", words.frames(ranges(location.missing))
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
