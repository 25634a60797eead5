from __future__ import annotations

import builtins
import dataclasses
from typing import Any

import pytest

from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.reports import escape
from provenance.reports.interface import Format


def with_message(report: Report, text: str) -> Report:
    return dataclasses.replace(report, findings=(dataclasses.replace(report.findings[0], message=text, clause=text),))


def test_it_is_an_archivable_document(golden: Report, known_formats: dict[str, Format]) -> None:
    pytest.importorskip("typst")
    document = b"".join(known_formats["pdf"].render(golden))
    assert document.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in document
    assert b"pdfuaid:part>1<" in document
    assert document.count(b"/DCTDecode") == 2, "the two thumbnails, written through"


def test_every_character_that_is_let_through_can_be_set(golden: Report, known_formats: dict[str, Format]) -> None:
    pytest.importorskip("typst")
    kept = [c for c in map(chr, range(0x20, 0x10000)) if escape.make_printable(c) == c]
    assert len(kept) > 1200
    lines = " ".join("".join(kept[start : start + 20]) for start in range(0, len(kept), 20))
    for start in range(0, len(lines), 500):  # a cell shows so much of a text
        text = lines[start : start + 500]
        assert b"".join(known_formats["pdf"].render(with_message(golden, text)))


@pytest.mark.parametrize(
    "text",
    [
        "中文 日本語 한국어 العربية עברית हिन्दी 😀",
        "\u202egnp.exe \u2066x\u2069 \u200b \ud800 \x00\x1b[2J",
        '#panic("run") *bold* $x$ @ref <label> `raw` #import "/etc/passwd" \\ // /* ~ --- "quoted"',
        '"}],"groups":[] #eval("1") #read("report.json") #sys.inputs',
        "a" * 5000,
        "x\u0301\u0302" * 50,
    ],
)
def test_no_text_breaks_it(golden: Report, known_formats: dict[str, Format], text: str) -> None:
    pytest.importorskip("typst")
    assert b"".join(known_formats["pdf"].render(with_message(golden, text))).startswith(b"%PDF")


def test_text_is_never_markup(golden: Report, known_formats: dict[str, Format]) -> None:
    typst = pytest.importorskip("typst")
    link = '#link("http://evil.example")[x]'
    assert b"/URI" in typst.compile(link.encode()), "a link that is obeyed would be seen"
    assert b"/URI" not in b"".join(known_formats["pdf"].render(with_message(golden, link)))


def test_without_typst_it_says_what_to_install(
    golden: Report, known_formats: dict[str, Format], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as told:
        b"".join(known_formats["pdf"].render(golden))
    assert told.value.hint == "pip install 'provenance[pdf]'"
