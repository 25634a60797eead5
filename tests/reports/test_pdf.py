from __future__ import annotations

import builtins
import dataclasses
import hashlib
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import UsageError
from provenance.model.evidence import Evidence
from provenance.model.report import Cover, Report
from provenance.model.vocabulary import Origin
from provenance.reports import escape, fonts, sentences
from provenance.reports.interface import Format
from provenance.reports.language import LANGUAGES, use_language
from tests.reports import pdf_text


def with_message(report: Report, text: str) -> Report:
    return dataclasses.replace(report, findings=(dataclasses.replace(report.findings[0], message=text, clause=text),))


def test_it_is_an_archivable_document(golden: Report, known_formats: dict[str, Format]) -> None:
    pytest.importorskip("typst")
    document = b"".join(known_formats["pdf"].render(golden))
    assert document.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in document
    assert b"pdfuaid:part>1<" in document
    assert document.count(b"/DCTDecode") == 4, "two thumbnails and a pair, written through"


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


NAMES = (
    "海辺の夜明け_最終版",
    "シーン十二",
    "場景终版",
    "장면_마지막",
    "مشهد_نهائي",
    "שחר",
    "ฉากจบ",
    "हिन्दी",
    "Größe_Ångström",
)


def print_pages(report: Report, known_formats: dict[str, Format]) -> list[str]:
    pytest.importorskip("typst")
    pages = pdf_text.extract_pages(b"".join(known_formats["pdf"].render(report)))
    return ["".join(page.split()) for page in pages]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text_in_their_own_script(golden: Report, known_formats: dict[str, Format], name: str) -> None:
    if not fonts.has_cjk_font() and any(map(sentences.is_cjk, name)):
        pytest.skip("the font of the extra pdf is not installed")
    text = "".join(print_pages(with_message(golden, f"X {name}.png"), known_formats))
    # right-to-left text is drawn from its other end
    assert name in text or name[::-1] in text


def test_without_its_font_a_script_is_escaped_and_the_first_page_says_so(
    golden: Report, known_formats: dict[str, Format], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_load_cjk_font", lambda: ())
    first, *rest = print_pages(with_message(golden, "海辺 שחר 😀"), known_formats)
    assert "3charactersarenotinthefontsofthisreport" in first
    assert "installthepackagenoto-cjk-sans-otc" in first
    text = "".join([first, *rest])
    assert "\\u6d77\\u8fba" in text
    assert "שחר"[::-1] in text
    assert "notinthefonts" not in print_pages(with_message(golden, "ฉาก שחר"), known_formats)[0]


def test_signs_that_no_font_can_draw_together_are_escaped(
    golden: Report, known_formats: dict[str, Format], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coverage is read from the fonts; should one lie, the report is made all the same."""
    liar = fonts.choose_fonts("ฉ")[0]
    everything = frozenset(range(0x20, 0x30000))
    monkeypatch.setattr(fonts, "choose_fonts", lambda _: [dataclasses.replace(liar, characters=everything)])
    text = "".join(print_pages(with_message(golden, "ฉ 😀"), known_formats))
    assert "\\u0e09\\U0001f600" in text


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.sampled_from("aé/_-\u0301\u0302\u0e31\u0e01\u093f\u0939\u0644\u0627\u05e9\u05b8海か\u3099ᄀ가"),
        min_size=1,
        max_size=200,
    )
)
def test_scripts_and_marks_mix_as_they_like(golden: Report, known_formats: dict[str, Format], text: str) -> None:
    pytest.importorskip("typst")
    assert b"".join(known_formats["pdf"].render(with_message(golden, text))).startswith(b"%PDF")


def test_digests_and_the_head_of_the_ledger_are_copied_in_one_piece(
    golden: Report, known_formats: dict[str, Format]
) -> None:
    pytest.importorskip("typst")
    head = f"152:{'0123456789abcdef' * 4}"
    first, *rest = golden.findings
    report = dataclasses.replace(
        golden,
        inputs=dataclasses.replace(golden.inputs, ledger=head),
        findings=(dataclasses.replace(first, message="w" * 100), *rest),
    )
    document = b"".join(known_formats["pdf"].render(report))
    text = "".join(pdf_text.extract_pages(document))
    lines = text.splitlines()
    assert head in lines
    assert all(any(case.reading.asset.digest in line for line in lines) for case in report.cases)
    assert any("sha256:9999999999999999999999999999999999999999999999999999999999999999" in line for line in lines)
    assert "\u200b" not in text
    assert "w" * 36 in lines, "a long word breaks, without a character that is copied"


def test_every_page_says_which_report_it_belongs_to(golden: Report, known_formats: dict[str, Format]) -> None:
    report = dataclasses.replace(golden, inputs=dataclasses.replace(golden.inputs, ledger="152:" + "ab" * 32))
    identity = hashlib.sha256(b"".join(known_formats["json"].render(report))).hexdigest()
    pages = print_pages(report, known_formats)
    for number, page in enumerate(pages, 1):
        assert f"Made2026-11-22T16:40:00Z·report{identity[:16]}·ledger152:abababababab" in page
        assert f"page{number}/{len(pages)}" in page
    assert identity in pages[-1] + pages[-2]


def test_found_pairs_are_large_enough_to_judge(golden: Report, known_formats: dict[str, Format]) -> None:
    pytest.importorskip("typst")
    document = b"".join(known_formats["pdf"].render(golden))
    widths = [width for page in pdf_text.measure_pictures(document) for width in page]
    assert [width for width in widths if width > 70] == pytest.approx([76, 76], abs=0.5)
    [text] = [page for page in print_pages(golden, known_formats) if "matchingareaisoutlined" in page]
    assert "Foundat01:00:04:00–01:00:08:00(copy)" in text
    assert "Known:temp/GEN_harbour_dawn_v4.png" in text
    assert "video/ep101.mov" in text


def repeat_finding(report: Report, count: int, reasons: int) -> Report:
    """Findings that say their number at their beginning, in each reason and at their end."""
    first = next(row for row in report.findings if isinstance(row.because[0], Evidence))
    mark = first.because[0]
    assert isinstance(mark, Evidence)
    findings = []
    for number in range(count):
        because = tuple(
            dataclasses.replace(mark, detail=f"Evidence-{number}-{part}. " + "It says so in many words. " * 8)
            for part in range(reasons)
        )
        findings.append(
            dataclasses.replace(
                first, message=f"Message-{number}.", because=because, remedy=f"Remedy-{number}.", expired_approval=None
            )
        )
    return dataclasses.replace(report, findings=tuple(findings))


def test_a_finding_stays_with_its_evidence(golden: Report, known_formats: dict[str, Format]) -> None:
    pages = print_pages(repeat_finding(golden, count=24, reasons=3), known_formats)
    for number in range(24):
        texts = [f"Message-{number}.", f"Remedy-{number}.", *(f"Evidence-{number}-{part}." for part in range(3))]
        assert [page for page in pages if all(text in page for text in texts)], number


def test_a_finding_longer_than_a_page_breaks_between_its_reasons(
    golden: Report, known_formats: dict[str, Format]
) -> None:
    pages = print_pages(repeat_finding(golden, count=2, reasons=60), known_formats)
    for number in range(2):
        [first] = [page for page in pages if f"Message-{number}." in page]
        [last] = [page for page in pages if f"Remedy-{number}." in page]
        assert f"Evidence-{number}-0." in first
        assert f"Evidence-{number}-59." in last


def test_captured_assets_are_listed_with_their_evidence(golden: Report, known_formats: dict[str, Format]) -> None:
    [still] = [case for case in golden.cases if case.location.path == "artwork/still_0042.jpg"]
    captured = dataclasses.replace(still, origin=Origin.CAPTURED)
    cases = tuple(captured if case is still else case for case in golden.cases)
    pages = print_pages(dataclasses.replace(golden, cases=cases), known_formats)
    [page] = [page for page in pages if "Capturedandcreatedmaterial" in page]
    listed = page.partition("Capturedandcreatedmaterial")[2]
    assert "artwork/still_0042.jpg" in listed
    assert "EXIFnamesacamera." in listed
    assert "Capturedandcreated" not in "".join(print_pages(golden, known_formats))


def test_the_first_page_has_movies_before_groups(golden: Report, known_formats: dict[str, Format]) -> None:
    first = print_pages(golden, known_formats)[0]
    movie = first.index("video/ep101.mov")
    assert movie < first.index("01:00:04:00–01:00:08:00copyofGEN_harbour_dawn_v4.png(generated)")
    assert movie < first.index("Everythingelse") < first.index("artwork/fill.jpg:AdobePhotoshop27.1,trusted")


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_valid_for_archives_and_for_screen_readers(
    golden: Report, known_formats: dict[str, Format], language: str
) -> None:
    """Held against a validator of another project."""
    pytest.importorskip("typst")
    validator = pytest.importorskip("page")
    with use_language(language):
        document = b"".join(known_formats["pdf"].render(golden))
    for profile in ("2a", "ua1"):
        failures = [row.rule_id for row in validator.validate_pdf_bytes(document, profile=profile).failures]
        # It reads the widths of some fonts wrongly, and the carriage return that a stream may end with as its end.
        wrong = [rule for rule in failures if "GLYPH-WIDTH" not in rule and "STREAM-LENGTH" not in rule]
        assert wrong == []
    for head in re.finditer(rb"/Length (\d+)[^>]*>>\s*stream\r?\n", document):
        assert document[head.end() + int(head[1]) :].startswith((b"\nendstream", b"\r\nendstream"))


def test_the_cover_says_what_was_given_and_nothing_else(golden: Report, known_formats: dict[str, Format]) -> None:
    first = print_pages(golden, known_formats)[0]
    assert "ProductionTheHarbour" in first
    assert "ReportnumberR-7" in first
    assert first.index("Generativecontentfound") < first.index("findingsmustberesolved")
    assert "doesnotreplaceadeclarationbytheproducer" in first
    bare = print_pages(dataclasses.replace(golden, cover=Cover()), known_formats)[0]
    assert "Issuedby" not in bare
    assert "Production" not in bare


def test_the_cue_sheet_and_the_register_are_in_it(golden: Report, known_formats: dict[str, Format]) -> None:
    text = "".join(print_pages(golden, known_formats))
    sheet = text.partition("Cuesheetandshotdisclosuremap")[2].partition("Extractoftheregister")[0]
    assert "video/ep101.mov01:00:04:00–01:00:08:00temp/GEN_harbour_dawn_v4.pnggenerated,4.00s,100%oftheframe" in sheet
    assert "Approvedby:DanaLegal(CLR-2026-118),until2027-01-31" in sheet
    assert "Disclosure:endcredits" in sheet
    assert "CLR-2026-118(counts):" in text
