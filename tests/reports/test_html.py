from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest

from provenance.model.report import Report
from provenance.reports import html_page
from provenance.reports.formats.html import Html
from provenance.reports.interface import Format
from provenance.reports.reasons import PicturePair

VOID = {"meta", "input", "col", "img", "br", "link", "hr"}


class Seen(HTMLParser):
    """Elements with their attributes, inline blocks, and whether every element was closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.blocks[self.open[-1]] = self.blocks.get(self.open[-1], "") + data
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def seen(golden: Report, known_formats: dict[str, Format]) -> Seen:
    parser = Seen()
    parser.feed(b"".join(known_formats["html"].render(golden)).decode())
    parser.close()
    return parser


def test_every_element_is_closed_in_its_turn(seen: Seen) -> None:
    assert seen.open == []


def test_only_the_two_blocks_of_the_page_count(seen: Seen) -> None:
    [policy] = [row["content"] for row in seen.all("meta") if row.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        assert len(seen.all(tag)) == 1
        digest = base64.b64encode(hashlib.sha256(seen.blocks[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_the_page_asks_for_nothing_and_acts_on_nothing(seen: Seen) -> None:
    for tag, attributes in seen.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert tag not in (
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "video",
            "audio",
            "foreignobject",
            "use",
            "image",
            "set",
            "animate",
        )
        assert (attributes.get("src") or "data:image/jpeg;base64,").startswith("data:image/jpeg;base64,")
        assert (attributes.get("href") or "#").startswith("#")


def test_every_link_leads_to_a_place_on_the_page_and_no_place_has_two_names(seen: Seen) -> None:
    names = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(set(names)) == len(names)
    links = {row["href"] for row in seen.all("a")}
    assert links <= {f"#{name}" for name in names}
    assert any(link and link.startswith("#because-") for link in links), "places of a cut lead to their findings"


def test_what_files_say_is_shown_and_escaped(seen: Seen) -> None:
    text = "".join(seen.words)
    assert r"poster\x1b]0;gotcha\x07<script>alert(1)</script>\u202egnp." in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text)


def test_each_finding_shows_its_evidence_place_and_standing(seen: Seen) -> None:
    text = " ".join(" ".join(seen.words).split())
    for told in (
        "manifest urn:c2pa:8f1c, assertion c2pa.actions.v2, action 3",
        "Adobe Photoshop 27.1",
        "63 of 63 frames agree",
        "EP101_lock_v7.edl, track V1, 01:00:12:12 – 01:00:15:00",
        "This approval expired and no longer counts:",
        "Approved by",
        "trust trusted by C2PA (of 2026-08-05, sha256 777777777777…), time stamped, signed by Adobe Inc.",
        "1004, 1010-1012",
        "could not be checked",
        "2 newly known as generated",
    ):
        assert told in text, told


def test_each_thumbnail_and_each_pair_stands_once(golden: Report, seen: Seen) -> None:
    pictures = [case.reading.thumbnail for case in golden.cases if case.reading.thumbnail]
    pairs = [match.pictures for case in golden.cases for match in case.matches if match.pictures]
    assert (len(pictures), len(pairs)) == (2, 2)
    assert len(seen.all("img")) == len(pictures) + 2 * len(pairs)


def test_a_pair_is_told_in_words_too(seen: Seen) -> None:
    told = [row["alt"] for row in seen.all("img") if row["alt"]]
    assert "Known material: temp/GEN_harbour_dawn_v4.png" in told
    assert "Frame of this asset at 01:00:04:00 – 01:00:08:00, matching area outlined in green" in told


def test_pairs_stop_at_the_budget_and_say_so(golden: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    def pairs() -> list[PicturePair]:
        rows = html_page.build_rows(golden)
        reasons = [row for asset in rows for shown in asset.findings for row in shown.reasons]
        return [row.pair for row in (*reasons, *(row for asset in rows for row in asset.reasons)) if row.pair]

    assert [bool(pair.known and pair.found) for pair in pairs()] == [True, True]
    monkeypatch.setattr(html_page, "PAIR_BYTES", len(b"".join(_pictures(golden))) - 1)
    assert [bool(pair.known) for pair in pairs()] == [True, False], "the finding's own comes first"
    monkeypatch.setattr(html_page, "PAIR_BYTES", 10)
    assert b"Pictures omitted" in b"".join(Html().render(golden))


def _pictures(golden: Report) -> list[bytes]:
    return [picture for case in golden.cases for match in case.matches for picture in match.pictures or ()]


def test_landmarks_headers_and_labels(seen: Seen) -> None:
    assert [len(seen.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert all(row.get("scope") in ("col", "row") for row in seen.all("th"))
    assert all("alt" in row for row in seen.all("img"))
    assert seen.all("html") == [{"lang": "en"}]


def test_severity_is_told_by_word_and_shape(seen: Seen) -> None:
    for word in ("block", "review", "note", "waived"):
        assert any(row.get("class") == f"mark {word}" for row in seen.all("span"))
        assert f".mark.{word}::before" in seen.blocks["style"] or word == "block"


def test_pictures_of_a_large_storage_stop_at_the_budget(golden: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = dataclasses.replace(golden, findings=())
    assert sum(row.thumbnail is not None for row in html_page.build_rows(quiet)) == 2
    monkeypatch.setattr(html_page, "PICTURE_BYTES", 10)
    assert sum(row.thumbnail is not None for row in html_page.build_rows(quiet)) == 0
    assert sum(row.thumbnail is not None for row in html_page.build_rows(golden)) == 2


def test_a_finding_without_an_asset_row_is_still_shown(golden: Report) -> None:
    alone = dataclasses.replace(golden, cases=())
    assert {row.path for row in html_page.build_rows(alone)} == {finding.path for finding in golden.findings}


def render(report: Report) -> str:
    return b"".join(Html().render(report)).decode()


def test_movies_come_before_groups_and_cards(golden: Report) -> None:
    page = render(golden)
    movies, others, cards = page.index('id="movies"'), page.index('id="others"'), page.index("<article")
    assert movies < page.index("copy of GEN_harbour_dawn_v4.png (generated)", movies) < others < cards
    assert page.index("artwork/fill.jpg: Adobe Photoshop 27.1, trusted [generated]") > others
    first, second = re.findall(r'<article class="card block" data-path="([^"]+)"', page)[:2]
    assert first == "paper/EP101_lock_v7.edl", "a cut comes before movies"
    assert second.startswith("video/")


def test_a_group_on_top_leads_to_its_cards(golden: Report) -> None:
    [poster] = [row for row in golden.findings if row.path == "artwork/poster_v3.png"]
    [case] = [row for row in golden.cases if row.location.path == poster.path]
    copies, findings = [], []
    for number in range(3):
        path, digest = f"concepts/{number}.png", f"sha256:{number:064}"
        asset = dataclasses.replace(case.reading.asset, digest=digest)
        location = dataclasses.replace(case.location, path=path)
        copies.append(
            dataclasses.replace(case, location=location, reading=dataclasses.replace(case.reading, asset=asset))
        )
        findings.append(dataclasses.replace(poster, path=path, digest=digest))
    report = dataclasses.replace(
        golden, cases=(*golden.cases, *copies), findings=(*golden.findings, *findings), troubles=()
    )
    page = render(report)
    link = re.search(r'<a href="#(group-\d+)">concepts: 3 files, digital source type, declared \[generated\]</a>', page)
    assert link
    section = page[page.index(f'id="{link[1]}"') :]
    assert re.findall(r'data-path="([^"]+)"', section)[:3] == [row.location.path for row in copies]
    assert all(f'id="{anchor}"' in page for anchor in re.findall(r'href="#([^"]+)"', page))
