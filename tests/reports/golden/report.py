"""One report that holds every kind of value, with hostile text where files speak."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from provenance.model.asset import Asset, Location, Reading
from provenance.model.cut import Share, Timeline, Use
from provenance.model.evidence import Credential, Evidence, Trouble, TrustList, Used
from provenance.model.finding import Approval, Case, Finding
from provenance.model.match import Known, Match, Span
from provenance.model.report import (
    Cover,
    Coverage,
    Delta,
    Inputs,
    Move,
    PolicyName,
    ReadingRun,
    RegisterEntry,
    Report,
    SearchScope,
)
from provenance.model.vocabulary import Cause, Origin, Severity, Standing, Zone
from provenance.reports.compose import compose

ROOT = "/deliveries/EP101"
READ_AT = "2026-11-21T22:10:00Z"
HOSTILE = "poster\x1b]0;gotcha\x07<script>alert(1)</script>\u202egnp.=cmd|' /C calc'!A0\u200b\n\ud800"


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def thumbnail(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (160, 90), colour).save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def case(
    path: str, letter: str, origin: Origin, *said: Evidence, media_type: str = "image/png", **location: object
) -> Case:
    asset = Asset(digest(letter), letter * 32, 1_000_000 + ord(letter), media_type, 1920, 1080)
    place = {"root": ROOT, "path": path, "path_bytes": path.encode(), "zone": Zone.DELIVERABLE, **location}
    return Case(Location(**place), Reading(asset, evidence=said), origin, is_judged=True, read_at=READ_AT)  # type: ignore[arg-type]


def evidence(
    origin: Origin,
    standing: Standing,
    detail: str,
    tool: str | None = None,
    *,
    signal: str = "digital_source_type",
    carrier: str = "xmp",
    where: str = "XMP packet at byte 1,234, DigitalSourceType",
    vouched_by: TrustList | None = None,
) -> Evidence:
    return Evidence(signal, carrier, where, origin, standing, tool, detail, vouched_by=vouched_by)


C2PA_LIST = TrustList("C2PA", "2026-08-05", "7" * 64, "c2pa-org/conformance-public")
OWN_LIST = TrustList("studio.pem", "unknown", "8" * 64)


DECLARED = evidence(Origin.GENERATED, Standing.DECLARED, "The IPTC digital source type is trainedAlgorithmicMedia.")
SIGNED = evidence(
    Origin.PARTLY_GENERATED,
    Standing.TRUSTED,
    "The action c2pa.edited was done with compositeWithTrainedAlgorithmicMedia: a generated fill.",
    signal="c2pa_actions",
    carrier="c2pa",
    where="manifest urn:c2pa:8f1c, assertion c2pa.actions.v2, action 3",
    tool="Adobe Photoshop 27.1",
    vouched_by=C2PA_LIST,
)
EVIL = replace(
    evidence(Origin.GENERATED, Standing.TRACE, HOSTILE, signal="a1111", carrier="png", where=HOSTILE, tool=HOSTILE),
    used=Used(f"a castle {HOSTILE}", "blurry", "flux1-dev", ("film_grain",), "42", ("scout_031.jpg",), "1.10"),
)
CAMERA = evidence(
    Origin.CAPTURED, Standing.DECLARED, "EXIF names a camera.", signal="exif_camera", carrier="exif", tool="ARRI ALEXA"
)
REMOTE = Trouble("artwork/still_0042.jpg", "c2pa", Cause.REMOTE, "the credential is at https://cai.example/m/42")
BROKEN = Trouble("video/trailer.mov", "worker", Cause.CRASHED, "crashed twice; signal 11")
MATCH = Match(
    Known(digest("9"), "temp/runway_gen4_0231.mp4", Origin.GENERATED),
    "video",
    "shares-content",
    Span(12.48, 15.0, "01:00:12:12", "01:00:15:00"),
    Span(0.0, 2.52),
    0.94,
    "63 of 63 frames agree",
)
DAWN = Match(
    Known(digest("8"), "temp/GEN_harbour_dawn_v4.png", Origin.GENERATED, DECLARED),
    "picture",
    "confirmed-copy",
    Span(4.0, 8.0, "01:00:04:00", "01:00:08:00"),
    None,
    0.88,
    "mirrored, fills the frame; 45 points and 88% of 60 blocks agree",
    (thumbnail((200, 120, 60)), thumbnail((190, 110, 70))),
)
PLATE = Match(
    Known(digest("7"), "archive/harbour_plate.mov", Origin.UNKNOWN),
    "video",
    "shares-content",
    Span(8.0, 9.5, "01:00:08:00", "01:00:09:12"),
    Span(31.0, 32.5),
    0.61,
    "cropped to 80% of its area; 20 points and 61% of 50 blocks agree",
    (thumbnail((20, 120, 60)), thumbnail((10, 110, 70))),
)
PAINTED = replace(DAWN, time=None, frames=(1004, 1009), verdict="shares-content", pictures=None)
USE = Use(
    timeline="EP101_lock_v7.edl",
    track="V1",
    event="014",
    record_in="01:00:12:12",
    record_out="01:00:15:00",
    record_frames=(86700, 86760),
    source="runway_gen4_0231.mp4",
    source_in="00:00:00:00",
    source_out="00:00:02:12",
    digest=digest("9"),
    resolved_by="file-name",
)
LOCK = Timeline(
    path="paper/EP101_lock_v7.edl",
    root=ROOT,
    digest=digest("0"),
    format="cmx3600",
    name="EP101 LOCK v7",
    rate="24",
    rate_from="option",
    drop=False,
    start="01:00:00:00",
    frames=360,
    tracks=("V1",),
    events=4,
    start_frame=86400,
    not_read={"key": 1},
    totals={"generated": Share(96, 4.0, 26.67), "missing": Share(96, 4.0, 26.67), "placeholder": Share(72, 3.0, 20.0)},
    compared_with=("video/ep101.mov",),
)


def use(number: int, frames: tuple[int, int], source: str, resolved_by: str, **more: object) -> Use:
    """A use in the lock, at record frames from its start."""
    first, after = (f"01:00:{frame // 24:02}:{frame % 24:02}" for frame in frames)
    place = (frames[0] + 86400, frames[1] + 86400)
    facts: dict[str, object] = {"digest": None, **more}
    return Use(
        LOCK.path,
        "V1",
        f"{number:03}",
        first,
        after,
        place,
        source,
        None,
        None,
        resolved_by=resolved_by,
        **facts,  # type: ignore[arg-type]
    )


PLATE_USE = use(1, (0, 96), "harbour_plate.mov", "umid", digest=digest("7"), known_as="archive/harbour_plate.mov")
DAWN_USE = use(
    2,
    (96, 192),
    "GEN_harbour_dawn_v4.png",
    "file-name",
    digest=digest("8"),
    known_as="temp/GEN_harbour_dawn_v4.png",
    origin=Origin.GENERATED,
    mark=DECLARED,
)
GONE_USE = use(3, (192, 288), HOSTILE, "missing")
CARD_USE = use(4, (288, 360), "SCENE MISSING", "missing", is_placeholder=True)
APPROVAL = Approval(
    digest("c"), "Dana Legal", "background signage, cleared", "CLR-2026-118", "2027-01-31", "2026-11-01T09:00:00Z"
)
ENDED = Approval(digest("d"), "Dana Legal", "temporary, until the reshoot", "CLR-2026-002", "2026-10-31")
CLAUSE = "Generated material stays temporary and outside final deliverables unless it was approved in writing."
REMEDY = "Replace it, or have it approved: provenance register add approval."


def cases() -> list[Case]:
    poster = case("artwork/poster_v3.png", "a", Origin.GENERATED, DECLARED)
    still = case("artwork/still_0042.jpg", "b", Origin.UNKNOWN, CAMERA, media_type="image/jpeg")
    trailer = case("video/trailer.mov", "e", Origin.GENERATED, media_type="video/quicktime")
    credential = Credential(
        "embedded", "intact", "valid", "trusted", "stamped", "C2PA", "Adobe Inc.", vouched_by=C2PA_LIST
    )
    plates = case(
        "plates/AB_010.[1001-1020].exr",
        "1",
        Origin.UNKNOWN,
        media_type="image/x-exr",
        frames=(1001, 1020),
        missing=(1004, 1010, 1011, 1012),
    )
    master = case("video/ep101.mov", "6", Origin.UNKNOWN, media_type="video/quicktime")
    picture = replace(master.reading.asset, duration=15.0, frame_rate="24", start_timecode="01:00:00:00")
    fill = case("artwork/fill.jpg", "d", Origin.PARTLY_GENERATED, SIGNED, media_type="image/jpeg")
    fill_reading = replace(fill.reading, credentials=(credential,), thumbnail=thumbnail((40, 90, 150)))
    return [
        replace(poster, reading=replace(poster.reading, thumbnail=thumbnail((150, 60, 40)))),
        replace(still, reading=replace(still.reading, troubles=(REMOTE,))),
        replace(trailer, reading=replace(trailer.reading, troubles=(BROKEN,)), matches=(MATCH,), uses=(USE,)),
        replace(master, reading=replace(master.reading, asset=picture), matches=(PLATE, DAWN)),
        replace(fill, reading=fill_reading),
        case("artwork/sign.png", "c", Origin.GENERATED, DECLARED),
        case(HOSTILE.replace("\ud800", ""), "f", Origin.GENERATED, EVIL, path_bytes=b"poster\xff"),
        replace(plates, matches=(PAINTED,)),
        case(
            "plates/AB_010.1007.exr",
            "2",
            Origin.POSSIBLY_GENERATED,
            evidence(Origin.POSSIBLY_GENERATED, Standing.INFERRED, "The writer differs from its neighbours."),
            media_type="image/x-exr",
            frame=1007,
            sequence="plates/AB_010.[1001-1020].exr",
        ),
        case("paper/pitch.zip", "3", Origin.UNKNOWN, media_type="application/zip"),
        case("paper/pitch.zip!board.psd!layer 3", "4", Origin.GENERATED, DECLARED, parent="paper/pitch.zip"),
        case("video/upscaled.mov", "5", Origin.ENHANCED, media_type="video/quicktime"),
    ]


def findings() -> list[Finding]:
    def found(
        rule: str, severity: Severity, path: str, letter: str, message: str, *because: object, **more: object
    ) -> Finding:
        return Finding(rule, severity, path, digest(letter), message, REMEDY, because, **more)  # type: ignore[arg-type]

    block, review, note = Severity.BLOCK, Severity.REVIEW, Severity.NOTE

    def in_cut(rule: str, severity: Severity, message: str, use: Use) -> Finding:
        span = Span(
            (use.record_frames[0] - 86400) / 24, (use.record_frames[1] - 86400) / 24, use.record_in, use.record_out
        )
        return Finding(
            rule, severity, LOCK.path, use.digest or LOCK.digest, message, REMEDY, (use,), time=span, root=ROOT
        )

    gone = {"expired_approval": ENDED, "clause": CLAUSE}
    new = {"uncovered_by": replace(APPROVAL, digest=digest("1"), reason="plates as of October")}
    return [
        found("upscaled", note, "video/upscaled.mov", "5", "Enhanced by a learning tool.", DECLARED),
        found("generated", block, "artwork/poster_v3.png", "a", "Generated material.", DECLARED, clause=CLAUSE),
        found("generated", block, "artwork/sign.png", "c", "Generated material.", DECLARED, waived_by=APPROVAL),
        found("generated", block, "artwork/fill.jpg", "d", "A generated fill.", SIGNED, **gone),
        found("generated", block, "video/trailer.mov", "e", "Known generated material.", MATCH, USE, time=MATCH.time),
        found("known-generated", block, "video/ep101.mov", "6", "A copy of it.", DAWN, time=DAWN.time, clause=CLAUSE),
        found("shares", review, "plates/AB_010.[1001-1020].exr", "1", "Shares content.", PAINTED, frame=1004, **new),
        found("generated", block, HOSTILE.replace("\ud800", ""), "f", HOSTILE, EVIL, clause=HOSTILE),
        found("generated", block, "paper/pitch.zip!board.psd!layer 3", "4", "Generated material in a layer.", DECLARED),
        found("possibly_generated", review, "plates/AB_010.1007.exr", "2", "Perhaps generated.", DECLARED, frame=1007),
        in_cut("generated_in_cut", block, "The cut shows a generated still.", DAWN_USE),
        in_cut("missing_from_cut", review, f"The cut shows {HOSTILE}, which is not known.", GONE_USE),
        in_cut("placeholder_in_cut", review, "A placeholder is left in the cut: SCENE MISSING.", CARD_USE),
        found("remote_credential", review, "artwork/still_0042.jpg", "b", "Its credential was not fetched.", REMOTE),
    ]  # fmt: skip


def golden_report() -> Report:
    """Every kind of value once, in an order that composing has to put right."""
    lists = (C2PA_LIST, OWN_LIST)
    new, master, known = "artwork/poster_v3.png", "video/ep101.mov", DAWN.known.path
    return compose(
        made_at="2026-11-22T16:40:00Z",
        version="0.1.0",
        inputs=Inputs(
            (ROOT,),
            PolicyName("netflix", "5" * 64),
            lists,
            "/var/lib/provenance/catalogue.db",
            ("*.tmp",),
            searched=SearchScope(known=412, pictures=38, clips=12, sounds=5),
            runs=(ReadingRun("scan", "2026-11-21", ROOT, "done"),),
        ),
        coverage=Coverage(seen=13, looked_at=10, could_not=3, junk=2, skipped=1, excluded=4),
        cases=reversed(cases()),
        findings=findings(),
        uses=[USE, PLATE_USE, DAWN_USE, GONE_USE, CARD_USE],
        timelines=[LOCK],
        troubles=[Trouble("gone.wav", "open", Cause.UNREADABLE, f"No such file {HOSTILE}")],
        delta=Delta(
            (new,), ("paper/pitch.zip",), ("old/temp.mov",), (new, HOSTILE), (f"{master} shows {known}",),
            "2026-11-20T16:00:00Z", (Move("old/title.png", "art/title.png"),), ("artwork/sign.png",), ("old/x.png",), 7,
        ),
        cover=Cover("The Harbour", "A client", "Episode 101", f"Post house {HOSTILE}", "R-7"),
        register=[
            RegisterEntry(
                "approval",
                "CLR-2026-118",
                (("content", (digest("c"),)), ("approved_by", ("Dana Legal",)), ("until", ("2027-01-31",))),
                entered_at="2026-11-01T09:00:00Z",
            ),
            RegisterEntry("right", HOSTILE, (("content", (digest("c"),)), ("holder", (HOSTILE,)))),
            RegisterEntry("use", "u1", (("content", (digest("c"),)), ("disclosure", ("end credits",)))),
        ],
        extra={"sqlite": "3.53.4"},
    )  # fmt: skip
