"""The first screen: movies before stills, one line a shot, everything else in groups."""

from __future__ import annotations

from dataclasses import replace

from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Approval, Case, Finding
from provenance.model.match import COPY, SHARES, Known, Match, Span
from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.model.vocabulary import Cause, Origin, Severity, Standing, Zone
from provenance.reports import terminal
from provenance.reports.compose import compose
from provenance.reports.overview import Overview, build_overview, list_open_findings

ROOT = "/deliveries/EP101"
COMFY = Evidence("comfyui", "png", "tEXt chunk", Origin.GENERATED, Standing.TRACE, "ComfyUI", "A graph that generates.")
PLAIN = Evidence("digital_source_type", "xmp", "XMP", Origin.GENERATED, Standing.DECLARED, None, "It is declared.")
TORN = Trouble("", "picture", Cause.MALFORMED, "cannot be decoded")


def digest(path: str) -> str:
    return "sha256:" + path.encode().hex()[:64].ljust(64, "0")


def asset(path: str, media_type: str, duration: float | None = None, *marks: Evidence, **place: object) -> Case:
    location = Location(ROOT, path, path.encode(), Zone.DELIVERABLE)
    content = Asset(digest(path), "x", 1_000, media_type, 640, 360, duration)
    return Case(replace(location, **place), Reading(content, evidence=marks), Origin.UNKNOWN)  # type: ignore[arg-type]


def mark(path: str, *because: object, severity: Severity = Severity.BLOCK, rule: str = "generated") -> Finding:
    return Finding(rule, severity, path, digest(path), "AI made it.", "Replace it.", because, root=ROOT)  # type: ignore[arg-type]


def known(path: str) -> Known:
    return Known(digest(path), path, Origin.GENERATED, COMFY)


def match(path: str, start: float, end: float, verdict: str = COPY, method: str = "picture") -> Match:
    times = (f"01:00:{start:05.2f}", f"01:00:{end:05.2f}")
    return Match(known(path), method, verdict, Span(start, end, *times), None, 0.9, "40 points agree")


def shot(path: str, found: Match, severity: Severity = Severity.BLOCK, **more: object) -> Finding:
    finding = Finding("known", severity, path, digest(path), "A copy.", "Replace it.", (found,), found.time, root=ROOT)
    return replace(finding, **more)  # type: ignore[arg-type]


def report(cases: list[Case], findings: list[Finding], roots: tuple[str, ...] = (ROOT,)) -> Report:
    return compose(
        made_at="2026-11-22T16:00:00Z",
        version="0",
        inputs=Inputs(roots, PolicyName("p", "0" * 64)),
        coverage=Coverage(seen=len(cases), looked_at=len(cases)),
        cases=cases,
        findings=findings,
    )


def delivery() -> Report:
    """A locked master with two generated shots among 29 marked concepts and clean stills, as a post house has it."""
    concepts = [f"marketing/concepts/concept_{number:02}.png" for number in range(29)]
    stills = [f"stills/unit_{number:03}.jpg" for number in range(110)]
    cases = [asset(path, "image/png", None, COMFY) for path in concepts]
    cases += [asset(path, "image/jpeg") for path in stills]
    cases.append(asset("masters/EP101_LOCKED.mov", "video/quicktime", 2530.0))
    cases.append(asset("masters/EP101_textless.mxf", "application/mxf", 2500.0))
    cases.append(asset("trailers/EP101_trailer.mp4", "video/mp4", 30.0))
    findings = [mark(path, COMFY) for path in concepts]
    findings.append(shot("masters/EP101_LOCKED.mov", match("temp/rooftops.png", 14.0, 16.5)))
    findings.append(shot("masters/EP101_LOCKED.mov", match("temp/harbour.png", 4.0, 7.0)))
    findings.append(shot("trailers/EP101_trailer.mp4", match("temp/harbour.png", 3.0, 5.0)))
    return report(cases, findings)


def print_summary(printed: Report, width: int = 100) -> list[str]:
    return list(terminal.format_summary(printed, width=width))


def find_line(lines: list[str], text: str) -> int:
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_master_and_its_shots_are_on_the_first_screen() -> None:
    lines = print_summary(delivery(), width=80)
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    master = find_line(lines, "masters/EP101_LOCKED.mov (42:10)")
    assert lines[master : master + 2] == [
        "    block  01:00:04.00 – 01:00:07.00  copy of harbour.png (ComfyUI)",
        "    block  01:00:14.00 – 01:00:16.50  copy of rooftops.png (ComfyUI)",
    ]
    assert master < find_line(lines, "trailers/EP101_trailer.mp4 (0:30)")
    assert "  no finding in: masters/EP101_textless.mxf (41:40)" in lines


def test_files_of_one_folder_made_by_one_tool_are_one_line() -> None:
    lines = print_summary(delivery())
    [group] = [line for line in lines if "concepts" in line]
    assert group == "  block  marketing/concepts: 29 files, ComfyUI, trace [generated]"


def test_details_come_in_the_order_of_the_first_screen() -> None:
    lines = list(terminal.format_lines(delivery()))
    details = [line for line in lines if line.startswith("block  ")]
    assert details[0].startswith("block  masters/EP101_LOCKED.mov at ")
    assert details[2].startswith("block  trailers/")
    assert len(details) == 32


def test_every_finding_is_counted_once(golden: Report) -> None:
    overview = build_overview(golden)
    shots = [each for movie in overview.movies for each in movie.shots]
    shots += [each for cut in overview.cuts for each in cut.shots]
    counted = sum(each.findings for each in shots) + sum(len(group.findings) for group in overview.groups)
    findings = set(golden.findings)
    assert counted + overview.waived == len(findings)
    assert set(list_open_findings(overview)) == {row for row in findings if not row.waived_by}


def test_a_movie_of_unknown_length_may_be_the_master_and_comes_first() -> None:
    cases = [asset("a.mov", "video/mp4", 60.0), asset("torn.mxf", "application/mxf"), asset("b.mov", "video/mp4", 90.0)]
    movies = build_overview(report(cases, [])).movies
    assert [movie.path for movie in movies] == ["torn.mxf", "b.mov", "a.mov"]


def test_what_is_inside_an_archive_is_no_master() -> None:
    inside = asset("pack.zip!clip.mov", "video/quicktime", 60.0, parent="pack.zip")
    overview = build_overview(report([inside], [mark("pack.zip!clip.mov", COMFY)]))
    assert not overview.movies
    assert overview.groups[0].place == "pack.zip!clip.mov"


def test_the_same_place_found_twice_is_one_shot() -> None:
    """Two known versions of one picture, found with a frame of difference, are one thing to replace."""
    master = asset("m.mov", "video/quicktime", 60.0)
    twice = [match("harbour_v3.png", 4.0, 7.0, SHARES), match("harbour_v4.png", 4.04, 7.0)]
    music = match("tune.wav", 4.0, 7.0, method="audio")
    next_shot = match("harbour_v4.png", 7.0, 9.0)
    findings = [shot("m.mov", twice[0], Severity.REVIEW), *(shot("m.mov", row) for row in (twice[1], music, next_shot))]
    [movie] = build_overview(report([master], findings)).movies
    assert [(row.at, row.severity, row.findings) for row in movie.shots] == [
        ("01:00:04.00 – 01:00:07.00", Severity.BLOCK, 2),
        ("01:00:04.00 – 01:00:07.00", Severity.BLOCK, 1),
        ("01:00:07.00 – 01:00:09.00", Severity.BLOCK, 1),
    ]
    assert movie.shots[0].text == "copy of harbour_v4.png (ComfyUI) and 1 more"


def test_frames_that_differ_belong_to_their_sequence() -> None:
    plate = asset("plate.[1001-1100].exr", "image/x-exr", frames=(1001, 1100))
    odd = [
        asset(f"plate.{number}.exr", "image/x-exr", frame=number, sequence="plate.[1001-1100].exr")
        for number in (1004, 1005, 1009)
    ]
    findings = [replace(mark(row.location.path, COMFY), frame=row.location.frame) for row in odd]
    findings = [replace(row, message=f"Frame {row.frame}: AI made it.") for row in findings]
    [movie] = build_overview(report([plate, *odd], findings)).movies
    assert movie.length == "100 frames"
    assert [(row.at, row.text, row.findings) for row in movie.shots] == [("frames 1004-1005, 1009", "AI made it.", 3)]


def test_a_movie_without_a_finding_says_what_is_known_of_it() -> None:
    torn = asset("torn.mov", "video/quicktime", 60.0)
    torn = replace(torn, reading=replace(torn.reading, troubles=(TORN,)))
    allowed = replace(asset("b.mov", "video/quicktime", 50.0), matches=(match("plate.png", 1.0, 2.0),))
    made = replace(asset("c.mov", "video/quicktime", 40.0, COMFY), origin=Origin.GENERATED)
    remarks = {movie.path: movie.remark for movie in build_overview(report([torn, allowed, made], [])).movies}
    assert remarks == {
        "torn.mov": "not fully checked: malformed",
        "b.mov": "1 match without a finding",
        "c.mov": "generated",
    }


def test_a_waived_shot_is_said_of_its_movie_and_needs_nothing() -> None:
    approval = Approval("d", "Dana Legal", "cleared", "CLR-1", "2027-01-31")
    approved = shot("m.mov", match("a.png", 1.0, 2.0), waived_by=approval)
    printed = report([asset("m.mov", "video/quicktime", 50.0)], [approved])
    [movie] = build_overview(printed).movies
    assert not movie.shots
    assert movie.remark == "1 finding waived"
    assert "  waived, approved to stay: 1" in print_summary(printed)


def group_of(*findings: Finding) -> Overview:
    return build_overview(report([asset(row.path, "image/png") for row in findings], list(findings)))


def test_many_folders_of_one_kind_are_one_line() -> None:
    overview = group_of(*(mark(f"stills/unit_{number}/a.png", COMFY) for number in range(12)))
    [group] = overview.groups
    assert (group.place, group.files, group.folders) == ("stills", 12, 12)
    few = group_of(*(mark(f"stills/unit_{number}/a.png", COMFY) for number in range(2)))
    assert [row.place for row in few.groups] == ["stills/unit_0/a.png", "stills/unit_1/a.png"]


def test_other_tools_rules_and_severities_are_other_groups() -> None:
    overview = group_of(
        mark("a/1.png", COMFY),
        mark("a/2.png", PLAIN),
        mark("a/3.png", COMFY, rule="other"),
        mark("a/4.png", COMFY, severity=Severity.NOTE),
        mark("a/5.png", TORN, severity=Severity.REVIEW, rule="not-looked-at"),
    )
    assert [group.text for group in overview.groups] == [
        "ComfyUI, trace",
        "digital source type, declared",
        "ComfyUI, trace",
        "the file is damaged (picture)",
        "ComfyUI, trace",
    ]


def test_evidence_for_and_against_is_said_with_both() -> None:
    camera = Evidence(
        "camera", "exif", "EXIF", Origin.CAPTURED, Standing.DECLARED, "Canon EOS R5", "It names a camera."
    )
    overview = group_of(mark("a/1.jpg", camera, PLAIN, rule="contradicting-evidence"))
    assert overview.groups[0].text == "digital source type, declared, against Canon EOS R5, declared"


def test_known_material_is_named_where_all_show_the_same() -> None:
    same = group_of(*(shot(f"a/{number}.png", match("temp/dawn.png", 0, 1)) for number in range(3)))
    assert same.groups[0].text == "copy of dawn.png (ComfyUI)"
    others = group_of(*(shot(f"a/{number}.png", match(f"temp/{number}.png", 0, 1)) for number in range(3)))
    assert others.groups[0].text == "copy of known generated material, found by picture"


def test_a_long_list_stays_one_screen_and_hides_nothing_grave() -> None:
    movies = [asset(f"m{number}.mov", "video/quicktime", 600.0 - number) for number in range(20)]
    findings = [
        shot(
            case.location.path,
            match("a.png", float(place * 3), place * 3 + 2.0),
            Severity.REVIEW if place else Severity.BLOCK,
        )
        for case in movies
        for place in range(20)
    ]
    findings += [mark(f"f{number}/x.png", PLAIN, rule=f"rule-{number}") for number in range(30)]
    stills = [asset(f"f{number}/x.png", "image/png") for number in range(30)]
    lines = print_summary(report([*movies, *stills], findings))
    assert len(lines) <= 48
    assert "    block  01:00:00.00 – 01:00:02.00  copy of a.png (ComfyUI)" in lines
    assert "    and 13 findings (13 review) more in it" in lines
    assert "  and 14 more movies with 280 findings (14 block, 266 review)" in lines
    assert "  and 20 more groups: 20 findings (20 block)" in lines


def test_two_folders_are_told_apart() -> None:
    other = "/deliveries/EP102"
    cases = [asset("m.mov", "video/quicktime", 60.0), asset("m.mov", "video/quicktime", 60.0, root=other)]
    findings = [replace(mark("m.mov", COMFY), root=other), replace(mark("a/1.png", COMFY), root=other)]
    lines = print_summary(report(cases, findings, (ROOT, other)))
    assert "  m.mov (1:00, in /deliveries/EP102)" in lines
    assert "  no finding in: m.mov (1:00, in /deliveries/EP101)" in lines
    assert "  block  a/1.png (in /deliveries/EP102): ComfyUI, trace [generated]" in lines
