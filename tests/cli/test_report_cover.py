"""The cover of a report: from the config and from options, and in no case made up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provenance.errors import UsageError
from provenance.model.report import Cover
from provenance.settings import parse
from tests.cli.conftest import MEDIA, Provenance


def test_the_cover_is_what_was_given(provenance: Provenance, tmp_path: Path) -> None:
    folder, config = tmp_path / "delivery", tmp_path / "config.toml"
    folder.mkdir()
    shutil.copy(MEDIA / "delivery" / "artwork" / "ART_poster_v03.png", folder)
    config.write_text(f'catalogue = "{tmp_path / "c.db"}"\n[report]\nproduction = "The Harbour"\nclient = "A client"\n')
    assert provenance("scan", folder, "--config", config).code == 1
    page = tmp_path / "report.html"
    options = ("--client", "Another", "--number", "R-7", "--output", f"html={page}", "--output", "json=-")
    said = provenance("report", "--for", folder, "--config", config, *options)
    assert said.report["cover"] == {
        "production": "The Harbour",
        "client": "Another",
        "deliverable": "",
        "issuer": "",
        "number": "R-7",
    }
    assert said.report["statement"]["kind"] == "generative"
    text = page.read_text(encoding="utf-8")
    assert "Generative content found" in text
    assert "Issued by" not in text
    said = provenance("report", "--for", folder, "--config", config, "--language", "de")
    assert "Generative Inhalte gefunden" in said.out
    assert "Es stammt von generativer KI (" in said.out
    config.write_text(config.read_text() + 'language = "de"\n')
    assert "Generative Inhalte gefunden" in provenance("scan", folder, "--config", config).out


def test_the_config_has_a_cover_and_a_language() -> None:
    settings = parse(b'[report]\nlanguage = "de"\nissuer = "Post house"\n', "config", "/")
    assert (settings.report.language, settings.report.cover) == ("de", Cover(issuer="Post house"))
    with pytest.raises(UsageError, match="not one of en, de"):
        parse(b'[report]\nlanguage = "fr"\n', "config", "/")
