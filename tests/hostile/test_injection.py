"""Every payload, out of every place in a file, into every format: nothing runs, reaches out, acts or breaks out."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from provenance_cli.output import _apply_style

from provenance import registry
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier
from provenance.model.report import Report
from provenance.reports import asset_note, formats, terminal
from provenance.reports.interface import Format
from tests.hostile.conftest import ALL_PLACES, Looks
from tests.hostile.payloads import FAMILIES, PAYLOADS
from tests.reports.chromium import CHROMIUM, Browser, browser

pytestmark = pytest.mark.slow
FORMATS = registry.load_members(formats, Format)
WORDLESS = {"signed_hash", "watermark"}
"""Carriers that say nothing in words of the file: a sum that fits, a pattern of bits."""
STRICT = (
    "default-src 'none'; img-src data:; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; "
    "base-uri 'none'; form-action 'none'"
)
ARRIVES = {"dpx": 0.57, "behind the end": 0.57, "jpeg 2000": 0.57, "compound file": 0.45}
"""Share of the payloads that come out of places with little room, or with rules of their own."""
families = pytest.mark.parametrize("family", FAMILIES)


def rendered(name: str, report: Report) -> bytes:
    return b"".join(FORMATS[name].render(report))


def acting(text: str) -> list[str]:
    """Characters that a terminal or a reader's eye obeys: controls, formats, separators, halves."""
    return sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")})


def test_there_are_payloads_enough() -> None:
    assert len(set(PAYLOADS.values())) == len(PAYLOADS) == sum(map(len, FAMILIES.values())) >= 60


@pytest.mark.parametrize("place", ALL_PLACES)
def test_payloads_arrive(looks: Looks, place: str) -> None:
    """What is tested below is really said by the files: most payloads come out of every place, or how they begin."""
    arrived = 0
    tried = [payload for payload in PAYLOADS if (payload, place) in looks]
    for payload in tried:
        text, told = PAYLOADS[payload], looks[payload, place]
        probe = text.strip()[:12].split("\0")[0].encode("utf-8", "replace").decode()
        rows = [told.reading, *(thing.reading for thing in told.embedded)]
        said = [part for row in rows for one in row.statements for part in (one.key, one.value, one.where)]
        said += [f"{one.tool} {one.detail} {one.used and one.used.prompt}" for row in rows for one in row.evidence]
        said += [thing.place for thing in told.embedded]
        arrived += any(probe in part for part in said)
    assert len(tried) > 0.45 * len(PAYLOADS)
    assert arrived / len(tried) >= ARRIVES.get(place, 0.75), (arrived, len(tried))


def test_every_carrier_speaks(looks: Looks) -> None:
    heard = {row.carrier for told in looks.values() for row in told.reading.statements}
    holders = {"archive": "archive", "compound file": "ole", "picture in a drawing": "encoded_files",
               "picture in a metafile": "metafile",
               "picture in mail": "mail", "picture in rich text": "rtf", "second page": "tiff_pages",
               "preview of a drawing": "postscript"}  # fmt: skip
    heard |= {holders[place] for (_, place), told in looks.items() if place in holders and told.embedded}
    silent = set(registry.load_members(carriers, Carrier)) - heard - WORDLESS
    assert not silent, f"write a place in tests/hostile/places.py that speaks by {silent}"


@families
def test_a_terminal_only_sees_our_own_paint(reports: dict[str, Report], family: str) -> None:
    for line in terminal.format_lines(reports[family], _apply_style):
        assert acting(re.sub(r"\x1b\[[0-9;]*m", "", line)) == []
    assert acting(rendered("text", reports[family]).decode().replace("\n", "")) == []


@families
def test_what_is_shown_of_one_asset_is_plain(reports: dict[str, Report], family: str) -> None:
    for case in reports[family].cases:
        for line in asset_note.describe_case(case):
            assert acting(line) == []


@families
def test_no_cell_is_computed_or_breaks_out(reports: dict[str, Report], family: str) -> None:
    text = rendered("csv", reports[family]).decode("utf-8-sig")
    limit = csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    finally:
        csv.field_size_limit(limit)
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > len(reports[family].cases)
    assert text.count("\r\n") == text.count("\n") == len(rows)
    for cell in (cell for row in rows for cell in row):
        assert acting(cell) == []
        assert not _computed(cell)


def _computed(cell: str) -> bool:
    """Whether a spreadsheet takes the cell, or a part behind a list separator, for a formula."""
    return any(re.match(r'[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20]', part) for part in cell.split(";"))


@families
def test_documents_are_whole_and_say_what_was_said(reports: dict[str, Report], family: str) -> None:
    report = reports[family]
    raw = rendered("json", report)
    printed = json.loads(raw, parse_constant=pytest.fail)
    assert raw.isascii()
    assert acting(raw.decode().replace("\n", "")) == []
    assert [row["path"] for row in printed["assets"]] == [case.location.path for case in report.cases]
    for row, case in zip(printed["assets"], report.cases, strict=True):
        details = [said.detail.encode("utf-8", "replace").decode() for said in case.reading.evidence]
        assert [said["detail"] for said in row["evidence"]] == details
    assert len(printed["findings"]) == len(report.findings)
    lines = rendered("jsonl", report).decode().splitlines()
    kinds = [next(iter(json.loads(line))) for line in lines]
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert kinds.count("summary") == 1
    assert kinds.count("asset") == len(report.cases)
    assert kinds.count("finding") == len(report.findings)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_dossier_runs_nothing_and_shows_the_text(reports: dict[str, Report], tmp_path: Path) -> None:
    pytest.importorskip("typst")
    # Of all families in one: a document takes longer to begin than to be filled.
    cases = [case for report in reports.values() for case in report.cases[::2]]
    folders = {case.location.path.rpartition("/")[0] for case in cases if case.location.parent is None}
    assert len(folders) == len(PAYLOADS), "each payload"
    kept = {case.location.path for case in cases}
    findings = [finding for report in reports.values() for finding in report.findings if finding.path in kept]
    whole = dataclasses.replace(reports["pages"], cases=tuple(cases), findings=tuple(findings), troubles=())
    document = rendered("pdf", whole)
    for active in (b"/URI", b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/AA "):
        assert active not in document
    file = tmp_path / "dossier.pdf"
    file.write_bytes(document)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    assert [c for c in acting(text) if c not in "\n\f\u200b\u00ad"] == []
    assert "generated" in text


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
@families
def test_a_browser_runs_and_asks_for_nothing(
    reports: dict[str, Report], family: str, chromium: Browser, tmp_path: Path
) -> None:
    report = reports[family]
    file = tmp_path / "report.html"
    file.write_bytes(rendered("html", report))
    chromium.open(file)
    policy = chromium.value("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    assert re.fullmatch(STRICT, policy)
    assert chromium.value("document.documentElement.dataset.pwned ?? 'no'") == "no"
    assert chromium.requests() == []
    assert chromium.value("location.href") == file.as_uri()
    assert chromium.value("document.scripts.length") == 1
    dangerous = "iframe,object,embed,base,form[action],link[rel=stylesheet],meta[http-equiv=refresh],svg,math,video"
    assert chromium.value(f"document.querySelectorAll('{dangerous}').length") == 0
    acts = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
    assert chromium.value(acts) == []
    links = "[...document.links].map(a => a.protocol).filter(p => p != 'file:')"
    assert chromium.value(links) == []
    assert chromium.value("document.querySelectorAll('tr[data-path]').length") == len(report.cases)


def test_a_page_that_forgets_to_escape_would_be_caught(reports: dict[str, Report]) -> None:
    line = next(terminal.format_lines(dataclasses.replace(reports["pages"], cases=(), findings=())))
    assert acting(line + "\u202e\x1b") == ["\x1b", "\u202e"]
    assert [_computed(cell) for cell in ("=1", 'x;"=1"', "'=1", "x; '-2")] == [True, True, False, False]
