"""Cuts as drawings: kinds are told apart without colour, long cuts stay small, what was found has its place."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from provenance.model.finding import Approval
from provenance.reports.cut_drawing import GUTTER, WIDTH
from provenance.reports.cut_kinds import KINDS
from provenance.reports.cut_strip import Strip, build_strips
from provenance.reports.formats.html import Html
from provenance.reports.html_page import map_anchors
from tests.reports import cuts


def render(*arguments: object) -> str:
    return b"".join(Html().render(cuts.report(*arguments))).decode()  # type: ignore[arg-type]


def draw(*arguments: object) -> Strip:
    report = cuts.report(*arguments)  # type: ignore[arg-type]
    return build_strips(report, map_anchors(report))[0]


@pytest.fixture(scope="module")
def page() -> str:
    """A cut with one use of every kind, 96 frames each."""
    uses = [cuts.use(kind, number * 96, number * 96 + 96) for number, kind in enumerate(cuts.KINDS)]
    return render([cuts.timeline(uses, 960)], uses)


def test_no_two_kinds_differ_by_colour_alone(page: str) -> None:
    patterns = dict(re.findall(r'<pattern id="kind-([a-z-]+)"[^>]*>(.*?)</pattern>', page))
    assert set(patterns) == {kind.name for kind in KINDS} == set(cuts.KINDS)
    # colours come from classes alone; those of a shape say which of two colours it has
    assert not re.search(r"(fill|stroke)=", "".join(patterns.values()))
    assert len(set(patterns.values())) == len(patterns)
    letters = [kind.letter for kind in KINDS if kind.letter]
    assert len(set(letters)) == len(letters) == 8
    for kind in KINDS:
        drawn = f'fill="url(#kind-{kind.name})"'
        # in the drawing and in the legend, at the same height
        assert page.count(drawn) == 2
        assert len(re.findall(rf'{re.escape(drawn)}[^>]* height="{kind.height}"', page)) == 2
        if kind.letter:
            assert f">{kind.letter}</text>" in page
            assert f"<b>{kind.letter}</b> {kind.words}</li>" in page


def test_what_has_to_be_looked_at_is_a_link_with_words(page: str) -> None:
    svg = page[page.index('<svg class="strip"') : page.index("</svg>", page.index('<svg class="strip"'))]
    links = re.findall(r'<a href="#([^"]+)"><title>([^<]+)</title>', svg)
    assert len(links) == 8
    assert links[0][1] == "V1, 01:00:00:00 to 01:00:04:00: generated: generated.mov, by UMID"
    for anchor, _ in links:
        assert f'id="{anchor}"' in page
    assert "<script" not in svg
    assert " on" not in re.sub(r"<title>.*?</title>", "", svg)


def test_a_long_cut_stays_small() -> None:
    kinds = itertools.cycle(cuts.KINDS)
    uses = [cuts.use(next(kinds), number * 40, number * 40 + 40, f"shot_{number:04}.mov") for number in range(3_000)]
    strip = draw([cuts.timeline(uses, 120_000)], uses)
    [row] = strip.rows
    assert len(row.blocks) <= WIDTH / 3 + 1
    assert all(block.width >= 3 for block in row.blocks)
    assert max(block.x + block.width for block in row.blocks) <= WIDTH
    assert "events: " in row.blocks[-1].label
    # a block of several kinds is drawn as the gravest of them, and every tenth event here is generated
    assert len([block for block in row.blocks if block.kind.name == "generated"]) > 280
    assert not [block for block in row.blocks if not block.link], "each has something to look at"
    assert len(strip.uses) == 500
    assert any("500 of 2,400 events" in note for note in strip.notes)
    assert len(render([cuts.timeline(uses, 120_000)], uses)) < 400_000


def test_a_single_generated_frame_is_seen_in_a_long_cut() -> None:
    quiet = [cuts.use("known", number * 40, number * 40 + 40, f"shot_{number}.mov") for number in range(3_000)]
    uses = [*quiet, cuts.use("generated", 60_000, 60_001)]
    [row] = draw([cuts.timeline(uses, 120_000)], uses).rows
    assert [block.kind.name for block in row.blocks] == ["known", "known", "generated"]
    assert row.blocks[-1].x == pytest.approx(GUTTER + (WIDTH - GUTTER) / 2, abs=0.1)
    assert [letter.text for letter in row.letters] == ["G"]


def test_a_gap_is_not_drawn_over() -> None:
    uses = [cuts.use("known", 0, 96), cuts.use("known", 480, 960)]
    [row] = draw([cuts.timeline(uses, 960)], uses).rows
    assert [(block.x, block.width) for block in row.blocks] == [(GUTTER, 93.4), (533.0, 467.0)]


def test_what_lies_outside_of_the_cut_or_is_disabled_is_not_drawn() -> None:
    uses = [cuts.use("generated", -50, 96), cuts.use("generated", 96, 192, enabled=False)]
    strip = draw([cuts.timeline(uses, 192)], uses)
    assert [(block.x, block.width) for block in strip.rows[0].blocks] == [(GUTTER, 467.0)]
    assert strip.notes == ["1 disabled clip: not in the picture, neither drawn nor counted."]


def test_tracks_with_something_to_look_at_are_drawn_however_many_there_are() -> None:
    uses = [cuts.use("known", 0, 96, track=f"V{number}") for number in range(2, 40)]
    uses += [cuts.use("missing", 0, 96, track="A57"), cuts.use("generated", 0, 96, track="V1")]
    strip = draw([cuts.timeline(uses, 96)], uses)
    names = [row.name for row in strip.rows]
    assert (len(names), names[0], names[-2:]) == (24, "V39", ["V1", "A57"])
    assert "16 more tracks not drawn." in strip.notes


def test_found_pairs_have_their_place_and_lead_to_their_pictures() -> None:
    uses = [cuts.use("generated", 96, 192, "dawn.png")]
    seen, heard = cuts.match(96, 192), cuts.match(200, 240, "voice.wav", "audio")
    outside = cuts.match(960, 970)
    cut = cuts.timeline(uses, 480)
    case = cuts.master(seen, heard, outside)
    shot = cuts.finding(uses[0], "known-generated", because=(seen,), path="master.mov", digest="sha256:master.mov")
    strip = draw([cut], uses, [shot], [case])
    assert [row.name for row in strip.rows] == ["V1", "found 1", "heard 1"]
    assert [(row.where, row.record) for row in strip.found] == [
        ("master.mov", ("01:00:04:00", "01:00:08:00")),
        ("master.mov", ("01:00:08:08", "01:00:10:00")),
    ]
    [block] = strip.rows[1].blocks
    assert (block.x, block.width) == (strip.rows[0].blocks[0].x, strip.rows[0].blocks[0].width)
    page = render([cut], uses, [shot], [case])
    card = page[page.index(f'id="{block.link}"') :]
    assert 0 < card.index('<div class="pair">') < card.index("</li>")
    assert f'<a href="#{block.link}">pictures</a>' in page


@pytest.mark.parametrize(
    "other",
    [
        {"start_timecode": "02:00:00:00"},
        {"frame_rate": "25"},
        {"frame_rate": "fast"},
        {"frame_rate": None},
        {"seconds": float("inf")},
        {"seconds": 5.0},
    ],
)
def test_nothing_is_found_in_a_movie_that_is_not_the_picture_of_the_cut(other: dict[str, object]) -> None:
    uses = [cuts.use("known", 0, 480)]
    case = cuts.master(cuts.match(96, 192), **other)  # type: ignore[arg-type]
    assert draw([cuts.timeline(uses, 480)], uses, [], [case]).found == []


def test_generated_material_inside_a_source_has_a_row_of_its_own() -> None:
    uses = [cuts.use("known", 0, 480, contains=(cuts.match(24, 48),))]
    strip = draw([cuts.timeline(uses, 480)], uses)
    assert [row.name for row in strip.rows] == ["V1", "inside"]
    assert strip.found[0].record == ("01:00:01:00", "01:00:02:00")
    assert strip.uses[0].what == "by UMID; generated material found in it 1 time"
    # a cut that shows generated material has figures for it, whatever the source as a whole is
    assert [(row.words, row.frames, row.seconds, row.percent) for row in strip.totals] == [
        ("found inside others", 24, 1.0, 5.0)
    ]


def test_an_approval_is_said_in_the_table_and_the_figures() -> None:
    uses = [cuts.use("generated", 0, 96, "a.png"), cuts.use("generated", 96, 288, "b.png")]
    approval = Approval("g", "Dana Legal", "incidental", "CLR-7", "2027-01-31")
    findings = [cuts.finding(uses[0], waived_by=approval), cuts.finding(uses[1])]
    strip = draw([cuts.timeline(uses, 480)], uses, findings)
    assert [(row.approval, row.word) for row in strip.uses] == [
        ("approved: CLR-7, until 2027-01-31", "waived"),
        ("not approved", "block"),
    ]
    assert [(row.words, row.frames, row.events, row.approval) for row in strip.totals] == [
        ("generated", 288, 2, "4.0 s of it approved")
    ]


def test_a_cut_without_running_time_or_uses_is_drawn_as_far_as_it_can_be() -> None:
    log = replace(cuts.timeline([]), frames=None, start=None, rate=None)
    assert draw([log], []).rows == []
    uses = [cuts.use("missing", 0, 24), cuts.use("known", 240, 264)]
    strip = draw([log], uses)
    assert strip.rows[0].blocks[0].x + strip.rows[0].blocks[0].width == WIDTH


def test_all_places_of_a_cut_are_on_one_card() -> None:
    uses = [cuts.use("generated", 0, 96), cuts.use("partly-generated", 96, 192), cuts.use("missing", 192, 288)]
    rules = ("generated_in_cut", "generated_in_cut", "missing_from_cut")
    findings = [cuts.finding(each, rule) for each, rule in zip(uses, rules, strict=True)]
    page = render([cuts.timeline(uses, 288)], uses, findings)
    assert page.count('<article class="card') == 1
    assert "No asset" not in page
    assert "<tbody>\n</tbody></table></div>\n</section>" in page, (
        "a cut list that was named is no asset of the delivery"
    )
