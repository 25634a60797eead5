"""Small values for tests of the policy: each argument is what the test is about, the rest is plausible."""

from __future__ import annotations

from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.finding import Approval, BoundApproval, Case
from provenance.model.match import Known, Match, Span
from provenance.model.vocabulary import Cause, Origin, Standing, Zone
from provenance.origin import decide_origin
from provenance.policy.approvals import covers_marks, list_covered

DIGEST = "sha256:" + "ab" * 32


def evidence(
    origin: Origin = Origin.GENERATED, standing: Standing = Standing.DECLARED, tool: str | None = None
) -> Evidence:
    return Evidence("digital_source_type", "xmp", "XMP packet at byte 12", origin, standing, tool, "says so")


def words(
    signal: str, origin: Origin = Origin.UNKNOWN, where: str = "01:00:04:00 to 01:00:08:05, lower right, 9,9-20,20"
) -> Evidence:
    """Text in a picture, as one of the signals of labels understands it."""
    return Evidence(signal, "label", where, origin, Standing.DECLARED, None, "The picture shows the words.")


def trouble(cause: Cause = Cause.MALFORMED, path: str = "shots/a.png") -> Trouble:
    return Trouble(path, "png", cause, "chunk ends behind the file")


def credential(
    binding: str = "intact", signature: str = "valid", trust: str = "trusted", time: str = "inside"
) -> Credential:
    return Credential("embedded", binding, signature, trust, time, "c2pa", "Camera Maker", codes=("some.code",))


def match(verdict: str, origin: Origin, time: Span | None = None) -> Match:
    known = Known("sha256:" + "cd" * 32, "temp/sky.png", origin)
    return Match(known, "picture", verdict, time, None, 0.98, "4 bits of 256 differ")


def statement(key: str, value: str, carrier: str = "exif") -> Statement:
    return Statement(carrier, f"{carrier} {key}", key, value)


def case(
    *told: Evidence | Trouble | Credential | Match | Statement,
    digest: str = DIGEST,
    frame: int | None = None,
    path: str = "shots/a.png",
) -> Case:
    """A case with what is told of it; its origin is settled by its evidence."""
    reading = Reading(
        Asset(digest, "00" * 16, 1000, "image/png"),
        statements=tuple(row for row in told if isinstance(row, Statement)),
        evidence=tuple(row for row in told if isinstance(row, Evidence)),
        credentials=tuple(row for row in told if isinstance(row, Credential)),
        troubles=tuple(row for row in told if isinstance(row, Trouble)),
    )
    location = Location("/delivery", path, path.encode(), Zone.DELIVERABLE, frame=frame)
    matches = tuple(row for row in told if isinstance(row, Match))
    return Case(location, reading, decide_origin(reading.evidence), matches)


def approval(**said: str) -> Approval:
    """An approval that counts until the end of 2030, but for what is said."""
    usual = {"digest": DIGEST, "who": "Legal, J. Doe", "reason": "cleared poster", "reference": "CLR-12"}
    return Approval(**{**usual, "expires": "2030-12-31", **said})


def bound(*told: Evidence | Trouble | Credential | Match | Statement, **said: str) -> BoundApproval:
    """An approval given by somebody who knew what is told of the content."""
    known = case(*told)
    covers = list_covered([known])
    covers_all = covers_marks(covers, known.reading.evidence)
    return BoundApproval(approval(**said), covers, covers_all, covers_all)
