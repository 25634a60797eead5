"""The reference is what the code says today, and everything a user can name is named on some page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from provenance_cli.main import INTERNAL, INTERRUPTED, cli

from docs import generate
from docs.markdown import escape_prose, format_table, make_anchor
from provenance import errors, registry, settings
from provenance.evidence import carriers, signals
from provenance.limits import Limits
from provenance.model.vocabulary import Cause, Origin, Severity, Standing, Zone
from provenance.policy import packs, rules
from provenance.policy.judge import CLEAN, FOUND, INCOMPLETE
from provenance.reports import formats

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True, scope="module")
def built_once() -> Iterator[None]:
    """Every page is built once for all tests here: the code does not change between them."""
    built = generate.build_reference()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "build_reference", lambda: dict(built))
        yield


def test_no_page_is_stale() -> None:
    assert generate.list_stale_pages() == [], "run: make docs"


def test_a_changed_missing_or_orphaned_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    assert set(generate.list_stale_pages()) == set(generate.build_reference())
    (tmp_path / "of-nothing.md").write_text("old")
    generate.write()
    assert generate.main(["--check"]) == 0
    (tmp_path / "rules.md").write_text("edited by hand")
    (tmp_path / "signals.md").unlink()
    (tmp_path / "new.md").write_text("")
    assert generate.list_stale_pages() == ["new.md", "rules.md", "signals.md"]
    assert generate.main(["--check"]) == 1


@cache
def pages() -> str:
    """Every page of the documentation as one text, without the decisions, which speak of the past."""
    found = [path for path in DOCS.rglob("*.md") if path.parent.name != "decisions"]
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(found))


def commands(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield f"{words} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} {name}")


def named() -> Iterator[tuple[str, str]]:
    """(kind, how a page names it), found without the generator."""
    for words, command in commands(cli, "provenance"):
        yield "command", words
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield from (("option", spelt) for spelt in (*parameter.opts, *parameter.secondary_opts))
    keys = (*settings.KEYS, *settings.STORAGE_KEYS, *settings.NIGHTLY_KEYS, *settings.LIMIT_KEYS)
    keys += (*settings.CLUSTER_KEYS, *settings.MOUNT_KEYS, *settings.NOTIFY_KEYS, *settings.OWNER_KEYS)
    yield from (("setting", f"`{key}`") for key in keys)
    yield from (
        ("variable", f"${name}")
        for name in (settings.CATALOGUE_VARIABLE, settings.CONFIG_VARIABLE, *settings.SECRET_VARIABLES, "NO_COLOR")
    )
    yield from (("pack", name) for name in packs.list_packs())
    for kind, family in (("signal", signals), ("carrier", carriers), ("format", formats)):
        yield from ((kind, f"## {name.removesuffix('_')}\n") for name in registry.list_names(family))
    yield from (("rule", f"## {name.replace('_', '-')}\n") for name in registry.list_names(rules))
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type))
    codes = {CLEAN, FOUND, INCOMPLETE, INTERNAL, INTERRUPTED, *(getattr(kind, "exit_code", 4) for kind in kinds)}
    yield from (("exit code", f"| `{code}` | ") for code in sorted(codes))
    for words_of in (Cause, Origin, Standing, Severity, Zone):
        yield from ((words_of.__name__.lower(), f"`{word.value}`") for word in words_of)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in named()}))
def test_everything_is_named_by_a_page(kind: str) -> None:
    unnamed = sorted({name for named_kind, name in named() if named_kind == kind and not on_a_page(name)})
    assert unnamed == []


def on_a_page(name: str) -> bool:
    """Whether it stands there as a word of its own: `--out` is not named by `--output`."""
    edge = r"(?![\w-])" if name[-1].isalnum() else ""
    return re.search(re.escape(name) + edge, pages()) is not None


def test_what_is_on_no_page_is_noticed() -> None:
    assert not on_a_page("--outpu")
    assert not on_a_page("## no_such_signal\n")


def test_every_limit_has_its_meaning() -> None:
    for field in Limits.__dataclass_fields__:
        assert re.search(rf"^\| `{field}` \| [\d,.]+ \| \w+.*\.", pages(), re.MULTILINE), field


def test_texts_out_of_the_code_are_no_markup() -> None:
    assert escape_prose("a <b> and `<c>` *d* [e](f)") == r"a &lt;b> and `<c>` \*d\* \[e\](f)"
    assert format_table(("a",), [["`x|y`"]]) == "| a |\n| --- |\n| `x\\|y` |"
    assert make_anchor("provenance register add approval") == "provenance-register-add-approval"
    assert make_anchor("The default pack: `netflix`") == "the-default-pack-netflix"
