"""Every format: the same report gives the same bytes, and nothing that a file says stops it."""

from __future__ import annotations

import pytest

from provenance import registry
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.finding import Finding
from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.model.vocabulary import Cause, Origin, Severity, Standing
from provenance.reports import formats
from tests.policy.build import approval, case

if registry.list_names(formats):
    from provenance.reports.interface import Format

    MEMBERS = registry.load_members(formats, Format)
else:
    MEMBERS = {}
pytestmark = pytest.mark.skipif(not MEMBERS, reason="there is no format yet")
everyone = pytest.mark.parametrize("printer", MEMBERS.values(), ids=MEMBERS)

HOSTILE = "=cmd()|' <script>alert(1)</script> \x1b[2J\x1b]0;x\x07 \u202etxt.exe \x00 #let x = 1 ]] %s {{ 7*7 }} \ufffe"


def small_report() -> Report:
    """Two assets, one finding that rests on hostile words, one that is waived, and a trouble of each sort."""
    mark = Evidence("a1111", "png", f"chunk {HOSTILE}", Origin.GENERATED, Standing.TRACE, HOSTILE, f"says {HOSTILE}")
    lost = Trouble(f"a/{HOSTILE}.png", "png", Cause.MALFORMED, HOSTILE)
    facts = Credential("embedded", "broken", "valid", "untrusted", "expired", None, HOSTILE, codes=("some.code",))
    first = case(mark, lost, facts, Statement("png", "chunk", "parameters", HOSTILE), path=f"a/{HOSTILE}.png")
    second = case(digest="sha256:" + "cd" * 32, path="b.png", frame=7)
    told = Finding(
        rule="generated-in-deliverable",
        severity=Severity.BLOCK,
        path=first.location.path,
        digest=first.reading.asset.digest,
        message=HOSTILE,
        remedy="Replace it.",
        because=(mark,),
        clause=f"C-1: {HOSTILE}",
    )
    waived = Finding(
        rule="enhanced",
        severity=Severity.NOTE,
        path="b.png",
        digest=second.reading.asset.digest,
        message="Enhanced.",
        remedy="See.",
        because=(mark, lost),
        frame=7,
        waived_by=approval(reason=HOSTILE),
    )
    return Report(
        made_at="2026-11-22T16:00:00Z",
        tool="provenance",
        version="0.1.0",
        inputs=Inputs(("/delivery",), PolicyName("netflix", "00" * 32), excluded=(HOSTILE,)),
        coverage=Coverage(seen=3, looked_at=1, could_not=2, junk=1),
        cases=(first, second),
        findings=(told, waived),
        troubles=(Trouble("folder", "walk", Cause.UNREADABLE, HOSTILE),),
        extra={"SQLite": HOSTILE},
    )


@everyone
def test_texts_are_there_and_nobody_shares_a_suffix(printer: Format) -> None:
    assert printer.title
    assert printer.suffix.startswith(".")
    assert [other.name for other in MEMBERS.values() if other.suffix == printer.suffix] == [printer.name]


@everyone
def test_the_same_report_gives_the_same_bytes(printer: Format) -> None:
    once, twice = (b"".join(printer.render(small_report())) for _ in range(2))
    assert once == twice
    assert len(once) > 100


@everyone
def test_an_empty_report_is_one_too(printer: Format) -> None:
    empty = Report("2026-11-22T16:00:00Z", "provenance", "0.1.0", Inputs((), PolicyName("netflix", "00")), Coverage())
    assert b"".join(printer.render(empty))


@everyone
def test_no_text_of_a_file_reaches_a_terminal_raw(printer: Format) -> None:
    if not printer.binary:
        text = b"".join(printer.render(small_report())).decode("utf-8")
        assert not set(text) & {"\x1b", "\x07", "\x00", "\u202e"}
        assert "<script>alert(1)" not in text or printer.suffix != ".html"
