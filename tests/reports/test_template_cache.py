"""Compiled templates: read again only where nothing that they came from has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from provenance.reports.template_cache import TemplateCache


def _render(folder: Path, text: str, sources: tuple[Path, ...] = ()) -> str:
    (folder / "page").write_text(text)
    cache = TemplateCache(sources, folder / "kept")
    return (
        jinja2.Environment(loader=jinja2.FileSystemLoader(folder), bytecode_cache=cache).get_template("page").render()
    )


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every template that was compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    calls: list[str] = []
    compile_template = jinja2.Environment.compile

    def note(self: jinja2.Environment, source: str, *more: object) -> object:
        calls.append(source)
        return compile_template(self, source, *more)  # type: ignore[call-overload]  # as jinja calls it

    monkeypatch.setattr(jinja2.Environment, "compile", note)
    return calls


def test_a_template_is_compiled_once(tmp_path: Path, compiled: list[str]) -> None:
    assert [_render(tmp_path, "one {{ 1 + 1 }}") for _ in range(2)] == ["one 2"] * 2
    assert compiled == ["one {{ 1 + 1 }}"]
    assert _render(tmp_path, "another {{ 1 + 1 }}") == "another 2"


def test_another_source_compiles_it_again(tmp_path: Path, compiled: list[str]) -> None:
    source = tmp_path / "source.py"
    for text in ("a", "b", "b"):
        source.write_text(text)
        _render(tmp_path, "page", (source,))
    assert len(compiled) == 2


@pytest.mark.parametrize("size", [0, 3, 60, 200])
def test_a_file_cut_short_is_none(tmp_path: Path, compiled: list[str], size: int) -> None:
    _render(tmp_path, "one {{ 1 + 1 }}")
    [kept] = (tmp_path / "kept").iterdir()
    kept.write_bytes(kept.read_bytes()[:size])
    assert _render(tmp_path, "one {{ 1 + 1 }}") == "one 2"
    assert len(compiled) == 2


def test_what_cannot_be_written_is_compiled_every_time(tmp_path: Path, compiled: list[str]) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert [_render(tmp_path, "page") for _ in range(2)] == ["page"] * 2
    assert len(compiled) == 2
