"""The words that reports use, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from docs import markdown, texts
from provenance.model.evidence import Credential
from provenance.model.vocabulary import Severity, Zone
from provenance.reports import sentences

Word = TypeVar("Word", bound=str)
_FACTS = ("binding", "signature", "trust", "time")


def page() -> str:
    """The page, from the texts that reports themselves explain these words with."""
    return markdown.page(
        "Words of a report",
        "Every one of them stands in the JSON document under exactly this spelling. Why they are judged as they are: "
        "[evidence](../evidence.md).",
        _section("Origins", "What an asset is known to be, gravest first.", sentences.ORIGINS),
        _section("Standings", "How far a piece of evidence can be believed, strongest first.", sentences.STANDINGS),
        _section(
            "Severities",
            f"What a finding asks for. The gate closes at `{Severity.BLOCK}` unless told otherwise.",
            sentences.SEVERITIES,
        ),
        _section(
            "Causes",
            "Why something could not be looked at. What to do about each: "
            "[when something could not be looked at](../how-to/could-not-look.md).",
            sentences.CAUSES,
        ),
        "## Zones\n\nWhat a storage is used for; `--zone` of `ingest`, and `zone` of a storage in the config: "
        f"{markdown.codes(Zone)}.",
        "## The four facts of a credential\n\nNone of them implies another.\n\n" + _facts(),
        "## What every report says of itself\n\n"
        + "\n".join(f"- {markdown.prose(limit)}" for limit in sentences.LIMITS),
    )


def _section(title: str, about: str, meanings: Mapping[Word, str]) -> str:
    rows = ([markdown.code(word), markdown.prose(sentences.capital(meaning))] for word, meaning in meanings.items())
    return f"## {title}\n\n{about}\n\n" + markdown.table(("word", "meaning"), rows)


def _facts() -> str:
    meanings = texts.field_texts(Credential)
    return markdown.table(
        ("fact", "values"), ([markdown.code(fact), markdown.prose(meanings[fact])] for fact in _FACTS)
    )
