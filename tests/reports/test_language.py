"""Reports in German: every message has its words, the catalogue is what its sources give, and nothing else changes."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator

import pytest

from docs import translations
from docs.texts import ROOT
from provenance.model.report import Report
from provenance.reports.finding_texts import translate_message
from provenance.reports.interface import Format
from provenance.reports.language import (
    LANGUAGES,
    SOURCE,
    format_bytes,
    format_count,
    format_number,
    translate,
    translate_count,
    use_language,
)
from provenance.reports.message_patterns import PATTERNS
from tests.reports.as_read import read_all, squeeze

OTHERS = [language for language in LANGUAGES if language != SOURCE]
_PLACEHOLDER = re.compile(r"\{\w*\}")


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_has_its_words_with_the_same_placeholders(language: str) -> None:
    catalogue = translations.load(language)
    for message in translations.collect():
        row = catalogue.get(message.one)
        assert row is not None, f"{message.one!r} is not in the .po: python -m docs.translations"
        sources = [message.one, *filter(None, [message.many])]
        strings = [row.string] if isinstance(row.string, str) else list(row.string or ())
        assert len(strings) == len(sources)
        for source, string in zip(sources, strings, strict=True):
            assert string, f"{source!r} has no words in {language}"
            assert set(_PLACEHOLDER.findall(string)) == set(_PLACEHOLDER.findall(source)), source
            assert (string[:1].isspace(), string[-1:].isspace()) == (source[:1].isspace(), source[-1:].isspace())


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_what_its_sources_give(language: str) -> None:
    po, mo = translations.find_files(language)
    assert translations.build(language) == (po.read_bytes(), mo.read_bytes())
    assert b"-Date:" not in po.read_bytes()


def test_a_message_without_words_and_one_with_other_placeholders_would_be_found() -> None:
    assert translations.load("de").get("nobody translated this") is None
    assert set(_PLACEHOLDER.findall("{a} {b}")) != set(_PLACEHOLDER.findall("{a}"))


def test_numbers_are_written_as_people_read_them() -> None:
    assert (format_number(1204), format_bytes(2_310_000_000)) == ("1,204", "2.31 GB")
    with use_language("de"):
        assert (format_number(1204), format_bytes(2_310_000_000)) == ("1.204", "2,31 GB")
        assert format_count(1204, "finding", "findings") == "1.204 Befunde"
        assert translate_count("{number} asset has changed", "{number} assets have changed", 1) == (
            "1 Datei hat sich geändert"
        )
        # a heading of one column and a word with a plural are one message
        assert translate("frame") == "Bild"
    assert translate("frame") == "frame"


def test_what_is_filled_in_is_never_read_as_a_placeholder() -> None:
    for language in LANGUAGES:
        with use_language(language):
            assert "{day} {0} {x.__class__}" in translate("until {day}", day="{day} {0} {x.__class__}")
            assert translate("") == ""


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_what_scripts_read_is_the_same_in_every_language(
    golden: Report, known_formats: dict[str, Format], name: str
) -> None:
    with use_language("de"):
        german = b"".join(known_formats[name].render(golden))
    assert german == b"".join(known_formats[name].render(golden))


def test_a_language_gives_the_same_bytes_each_time(golden: Report, known_formats: dict[str, Format]) -> None:
    for name in ("text", "html", "csv", "xlsx", "cue_sheet", "cue_sheet_xlsx"):
        with use_language("de"):
            first = b"".join(known_formats[name].render(golden))
            assert b"".join(known_formats[name].render(golden)) == first
        assert b"".join(known_formats[name].render(golden)) != first


def test_a_german_report_has_no_english_sentence(golden: Report) -> None:
    """Of all messages that are sentences none stands in it in English; what files and rules say is not asked."""
    sentences = [row.one for row in translations.collect() if len(row.one) > 40 and "{" not in row.one]
    assert len(sentences) > 60
    with use_language("de"):
        texts = {name: text for name, text in read_all(golden).items() if name not in ("json", "jsonl")}
        german = {sentence: squeeze(translate(sentence)) for sentence in sentences}
    english = read_all(golden)
    for name, text in texts.items():
        stands = [row for row in sentences if squeeze(row) in english[name]]
        assert [row for row in stands if squeeze(row) in text] == []
        # a few stand inside a longer sentence that says the same
        assert len([row for row in stands if german[row] not in text]) <= 2


def test_a_name_that_is_a_word_of_ours_stays_a_name(golden: Report) -> None:
    case = next(row for row in golden.cases if row.location.path == "artwork/poster_v3.png")
    named = dataclasses.replace(case, location=dataclasses.replace(case.location, path="generated", path_bytes=b"x"))
    with use_language("de"):
        text = read_all(dataclasses.replace(golden, cases=(named,), findings=()))["html"]
    assert "generated" in text


@pytest.mark.parametrize(
    ("message", "german"),
    [
        (
            "Generative AI made it (2 marks, the strongest trusted: Adobe Firefly, ComfyUI).",
            "Es stammt von generativer KI (2 Kennzeichen, das stärkste vertrauenswürdig: Adobe Firefly, ComfyUI).",
        ),
        (
            "Frame 7: It shows a copy of generated material (declared, found by picture).",
            "Bild 7: Es zeigt eine Kopie bekannten Materials: KI-generiert (declared, gefunden über Bild).",
        ),
        (
            "The cut shows trusted, which is not known., which was never ingested.",
            "Die Schnittfassung zeigt trusted, which is not known.; die Quelle wurde nie eingelesen.",
        ),
        ("Somebody else's rule says so.", "Somebody else's rule says so."),
    ],
)
def test_messages_of_rules_are_translated_and_names_in_them_are_not(message: str, german: str) -> None:
    assert translate_message(message) == message
    with use_language("de"):
        assert translate_message(message) == german


def test_a_long_hostile_message_costs_no_time() -> None:
    with use_language("de"):
        for text in ("The cut shows " * 2000, "The cut shows x, and in it " * 36, "(" * 1000):
            assert translate_message(text) == text


_SHOWN = {
    "verb": "contains",
    "words": "generated by AI",
    "_WORDS[use.origin]": "generated by AI",
    "where": " outside all folders",
    "messages.describe_match(match)": "a, found by picture",
    "shows": "plays",
}


def _list_messages_of_rules() -> Iterator[str]:
    for folder in ("rules", "cut_rules"):
        for path in sorted((ROOT / "provenance" / "policy" / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_bytes())):
                value: ast.expr | None = None
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Violation":
                    value = node.args[0]
                elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
                    value = node.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value
                elif isinstance(value, ast.JoinedStr):
                    yield "".join(map(_show, value.values))


def _show(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return _SHOWN.get(ast.unparse(part.value), "x")
    assert isinstance(part, ast.Constant)
    return str(part.value)


def test_every_message_of_a_rule_has_a_pattern() -> None:
    messages = list(_list_messages_of_rules())
    assert len(messages) > 15
    with use_language("de"):
        assert [message for message in messages if translate_message(message) == message] == []
    assert len(set(PATTERNS)) == len(PATTERNS)
