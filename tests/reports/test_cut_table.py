"""Cuts on a terminal: kinds of findings on the first screen, places and totals in columns below."""

from __future__ import annotations

from dataclasses import replace

from provenance.model.cut import Use
from provenance.model.finding import Approval
from provenance.reports import terminal
from provenance.reports.cut_table import count_frames, format_cuts
from provenance.reports.layout import Layout, keep_plain
from tests.reports import cuts

APPROVAL = Approval("g", "Dana Legal", "incidental", "CLR-7", "2027-01-31")


def lines(uses: list[Use], *, is_whole: bool = False, width: int = 120) -> list[str]:
    return list(format_cuts([cuts.timeline(uses, 960)], uses, {}, Layout(keep_plain, width), is_whole=is_whole))


def test_places_and_figures_stand_in_columns() -> None:
    uses = [cuts.use(kind, number * 96, number * 96 + 96) for number, kind in enumerate(cuts.KINDS)]
    printed = lines(uses)
    assert printed[0] == "lock.edl"
    totals = printed[2:9]
    assert totals[0] == "  generated               4.0 s  10.00 %        96 frames  1 event"
    assert {row.index(" s ") for row in totals} == {29}
    rows = printed[10:]
    assert len(rows) == 8
    assert rows[0].startswith("  V1   01:00:00:00 – 01:00:04:00  generated           generated.mov")
    assert rows[4].endswith("its file is there, and was never read")
    assert rows[5].endswith("no known asset has this name")
    assert rows[6].endswith("2 known assets fit")
    begins = {row.index(kind + ".mov") for kind, row in zip(cuts.KINDS, rows, strict=False)}
    assert len(begins) == 1


def test_the_whole_cut_has_what_nobody_has_to_look_at_too() -> None:
    uses = [cuts.use("known", 0, 96), cuts.use("plain", 96, 192), cuts.use("missing", 192, 288, enabled=False)]
    assert lines(uses)[2:] == []
    rows = lines(uses, is_whole=True)[3:]
    assert [row[32:].split() for row in rows] == [
        ["known,", "no", "AI", "mark", "known.mov", "by", "UMID"],
        ["plain.mov", "made", "in", "the", "editing", "system"],
        ["missing", "missing.mov", "no", "known", "asset", "has", "this", "name;", "disabled"],
    ]


def test_where_there_is_no_room_what_is_known_stands_below() -> None:
    uses = [
        cuts.use("generated", 0, 96, "a" * 80 + ".png", known_as="temp_stills/other.png"),
        cuts.use("missing", 96, 192),
    ]
    rows = lines(uses, width=100)[5:]
    assert rows[0].strip().endswith("more characters)")
    assert rows[1].strip() == "temp_stills/other.png, by UMID"
    assert rows[3].strip() == "no known asset has this name"
    assert rows[1].index("temp_stills") == rows[0].index("aaaa")


def test_a_name_is_not_said_twice() -> None:
    uses = [cuts.use("generated", 0, 96, "dawn.png", known_as="temp/dawn.png")]
    [row] = [row for row in lines(uses) if "dawn.png" in row]
    assert row.endswith("dawn.png  in temp, by UMID")


def test_the_first_screen_has_one_line_for_each_kind_and_the_rest_comes_after() -> None:
    uses = [cuts.use("generated", number * 48, number * 48 + 24, f"gen_{number}.png") for number in range(20)]
    uses.append(cuts.use("missing", 960, 1008, "a.mov"))
    findings = [cuts.finding(each) for each in uses[1:20]]
    findings += [cuts.finding(uses[0], waived_by=APPROVAL), cuts.finding(uses[20], "missing_from_cut")]
    timeline = cuts.timeline(uses, 1_200, compared_with=())
    report = cuts.report([timeline], uses, findings)
    screen = list(terminal.format_summary(report))
    begin = screen.index("Cuts (1; 1 with findings)")
    assert screen[begin + 1 : begin + 4] == [
        "  lock.edl (LOCK, 21 events, 0:50, 1 finding approved, no movie here is its picture)",
        "    block  generated: 19 events (19.0 s, 38.0%), the first at 01:00:02:00",
        "    review 01:00:40:00 – 01:00:42:00  missing: a.mov (2.0 s, 4.0%)",
    ]
    assert "used in the cut" not in "\n".join(screen)
    assert not any("everything else" in row.lower() or row.startswith("Findings (") for row in screen)
    whole = list(terminal.format_lines(report))
    assert "  generated     20.0 s  40.00 %       480 frames  20 events   1.0 s of it approved" in whole
    assert (
        sum("gen_7.png" in row for row in whole[: whole.index("Block (19 findings): must be resolved before delivery")])
        == 1
    )


def test_the_same_cut_in_two_formats_is_said_once() -> None:
    uses = [cuts.use("missing", 0, 96, "a.mov")]
    again = [replace(each, timeline="lock.fcpxml") for each in uses]
    timelines = [cuts.timeline(uses), cuts.timeline(uses, path="lock.fcpxml", format="fcpxml")]
    findings = [
        cuts.finding(uses[0], "missing_from_cut"),
        cuts.finding(again[0], "missing_from_cut", path="lock.fcpxml"),
    ]
    whole = "\n".join(terminal.format_lines(cuts.report(timelines, [*uses, *again], findings)))
    assert "    the same 1 finding (1 review) as in lock.edl" in whole
    assert "  the same as in lock.edl" in whole
    assert "Review (2 findings)" in whole


def test_frames_count_once() -> None:
    assert count_frames([(10, 20), (0, 5), (15, 30), (16, 17)]) == 25
    assert count_frames([]) == 0
