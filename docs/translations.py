"""The German words of reports: `python -m docs.translations` collects the messages and builds the catalogue anew.

It reads every message that goes through `provenance.reports.language`, adds those that are new to the `.po` with an
empty translation, drops those that are gone, and compiles the `.mo` that the program reads. Both files are the same
bytes each time: they hold no date and no version of a tool.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from docs.texts import ROOT
from provenance.policy import packs
from provenance.policy.rules.not_looked_at import NotLookedAt
from provenance.reports.dossier import list_template_words, read_template
from provenance.reports.language import LANGUAGES, SOURCE

REPORTS = ROOT / "provenance" / "reports"
_HEADERS = [
    ("Project-Id-Version", "provenance reports"),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "8bit"),
    ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
]
_WIDTH = 118
"""Characters of a line of the .po."""
_MESSAGE, _FORMS = ("translate", "translatable"), ("translate_count", "translatable_forms")
_IN_TEMPLATE = re.compile(r'\bt\("([^"]+)"')
_FORMS_IN_TEMPLATE = re.compile(r'\btc\("([^"]+)", "([^"]+)"')


class Message(NamedTuple):
    """One message; `many` is its plural, empty without one."""

    one: str
    many: str
    file: str


class _Fixed(Catalog):
    """A catalogue whose head has neither dates nor the version of the tool that wrote it."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return _HEADERS

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        """Keep the fixed ones."""


def main() -> None:
    """Bring the catalogue of every language up to date."""
    for language in LANGUAGES:
        if language != SOURCE:
            po, mo = find_files(language)
            new_po, new_mo = build(language)
            po.parent.mkdir(parents=True, exist_ok=True)
            po.write_bytes(new_po)
            mo.write_bytes(new_mo)


def find_files(language: str) -> tuple[Path, Path]:
    """The .po and the .mo of a language."""
    folder = REPORTS / "locale" / language / "LC_MESSAGES"
    return folder / "reports.po", folder / "reports.mo"


def load(language: str) -> Catalog:
    """The catalogue as it is in the tree."""
    po, _ = find_files(language)
    if not po.exists():
        return Catalog(language)
    with po.open("rb") as file:
        return read_po(file, locale=language)


def build(language: str) -> tuple[bytes, bytes]:
    """The .po with every message that there is, and the .mo made from it."""
    old, new = load(language), _Fixed(language, header_comment=f"# Messages of reports: {language}.", fuzzy=False)
    for message in collect():
        key: str | tuple[str, str] = (message.one, message.many) if message.many else message.one
        known = old.get(message.one)
        empty: str | tuple[str, ...] = ("", "") if message.many else ""
        has_same_form = known is not None and isinstance(known.string, tuple) == bool(message.many)
        string = known.string if known is not None and has_same_form else empty
        new.add(key, string, locations=[(message.file, None)])  # type: ignore[list-item]
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, new, width=_WIDTH, sort_output=True, include_lineno=False)
    write_mo(mo, new)
    return po.getvalue(), mo.getvalue()


def collect() -> list[Message]:
    """Every message once, in the order of its text; one that has a plural anywhere has it everywhere."""
    found: dict[str, Message] = {}
    for message in _list_messages():
        known = found.get(message.one)
        if known is None or (message.many and not known.many):
            found[message.one] = message
    return sorted(found.values())


def _list_messages() -> Iterator[Message]:
    for path in sorted(REPORTS.rglob("*.py")):
        for one, many in _read_python(ast.parse(path.read_bytes())):
            yield Message(one, many, _name(path))
    for path in sorted((REPORTS / "templates").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        for one in _IN_TEMPLATE.findall(text):
            yield Message(one, "", _name(path))
        for one, many in _FORMS_IN_TEMPLATE.findall(text):
            yield Message(one, many, _name(path))
    for one in list_template_words(read_template()):
        yield Message(one, "", "provenance/reports/templates/report.typ")
    yield from _list_texts_of_rules()


def _list_texts_of_rules() -> Iterator[Message]:
    for rule in packs.load_all_rules().values():
        for text in (rule.title, rule.remedy):
            yield Message(text, "", "provenance/policy")
    yield Message(NotLookedAt.remedy_of_search, "", "provenance/policy")


def _read_python(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
        if name in _MESSAGE and texts and isinstance(texts[0], str) and texts[0]:
            yield texts[0], ""
        elif name in _FORMS and isinstance(texts[0], str) and isinstance(texts[1], str):
            yield texts[0], texts[1]
        elif name == "format_count" and isinstance(texts[1], str) and isinstance(texts[2], str):
            yield texts[1], texts[2]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    main()
