"""The words that reports use, and their meanings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from docs import markdown, texts
from provenance.model.evidence import Credential
from provenance.model.vocabulary import Severity, Zone
from provenance.reports import limits, sentences

Word = TypeVar("Word", bound=str)
_FACTS = ("binding", "signature", "trust", "time")


def build_page() -> str:
    """The page, from the same texts with which reports explain these words."""
    every_limit = (*limits.GENERAL, limits.describe_matching(), limits.describe_matching_over_time())
    return markdown.build_page(
        "Words of a report",
        "The JSON document spells every word exactly as this page does. Why the program judges as it does: "
        "[evidence](../evidence.md).",
        _build_section("Origins", "What an asset is known to be, gravest first.", sentences.ORIGINS),
        _build_section("Standings", "How far evidence can be believed, strongest first.", sentences.STANDINGS),
        _build_section(
            "Severities",
            f"What a finding asks for. The gate closes at `{Severity.BLOCK}` unless `--fail-on` says otherwise.",
            sentences.SEVERITIES,
        ),
        _build_section(
            "Causes",
            "Why something could not be checked. What to do about each: "
            "[when something could not be checked](../how-to/could-not-look.md).",
            sentences.CAUSES,
        ),
        "## Zones\n\nThe purpose of a storage; `--zone` of `ingest`, and `zone` of a storage in the config: "
        f"{markdown.format_codes(Zone)}.",
        "## The four facts of a credential\n\nNone of them implies another.\n\n" + _build_facts(),
        "## What every report says about itself\n\n- " + "\n- ".join(map(markdown.escape_prose, every_limit)),
    )


def _build_section(title: str, about: str, meanings: Mapping[Word, str]) -> str:
    rows = []
    for word, meaning in meanings.items():
        rows.append([markdown.format_code(word), markdown.escape_prose(sentences.capitalize(meaning))])
    return f"## {title}\n\n{about}\n\n" + markdown.format_table(("word", "meaning"), rows)


def _build_facts() -> str:
    meanings = texts.read_field_texts(Credential)
    rows = [[markdown.format_code(fact), markdown.escape_prose(meanings[fact])] for fact in _FACTS]
    return markdown.format_table(("fact", "values"), rows)
