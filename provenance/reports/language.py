"""The one door through which every sentence of a report goes on its way to a reader.

English is the language of the source: a message is looked up by its English text. Catalogues are those of gettext,
`locale/*/LC_MESSAGES/reports.po` and the `.mo` made from it with `python -m docs.translations`. Dates stay ISO 8601,
and nothing depends on the locale of the machine: the same report gives the same bytes everywhere.
"""

from __future__ import annotations

import contextlib
import functools
import gettext
from collections.abc import Iterator
from contextvars import ContextVar
from importlib import resources

from provenance import units

SOURCE = "en"
LANGUAGES = (SOURCE, "de")
"""Languages that reports are written in."""

_language = ContextVar("language", default=SOURCE)
_SEPARATORS = {"de": str.maketrans(",.", ".,")}
"""How numbers are written where that differs from English: a German reads 1,204 as little more than one."""


@contextlib.contextmanager
def use_language(language: str) -> Iterator[None]:
    """Write everything inside the block in one of `LANGUAGES`."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def get_language() -> str:
    """The language in which is written just now."""
    return _language.get()


def translatable(message: str) -> str:
    """The message as it is: a note for whoever collects messages that it is translated somewhere else."""
    return message


def translatable_forms(one: str, many: str) -> tuple[str, str]:
    """The same for a message with a plural."""
    return one, many


def translate(message: str, /, **values: object) -> str:
    """The message in the language of the block, with its `{placeholders}` filled in; numbers as people write them.

    The values may be hostile: what stands in them is never read as a placeholder.
    """
    # gettext answers an empty message with the head of its catalogue
    catalogue = _load(_language.get())
    text = catalogue.gettext(message) if message else ""
    if text == message:
        # A word that is a message with a plural as well: Python 3.11.2 finds it only by its number.
        text = catalogue.ngettext(message, message, 1)
    return _fill(text, values)


def translate_count(one: str, many: str, number: int, /, **values: object) -> str:
    """One of two messages by a number, which is the placeholder `{number}`."""
    text = _load(_language.get()).ngettext(one, many, number)
    return _fill(text, {"number": number, **values})


def format_count(number: int, thing: str, things: str) -> str:
    """`1 finding`, `1,204 findings`; both forms of the word are messages."""
    word = _load(_language.get()).ngettext(thing, things, number)
    return f"{format_number(number)} {word}"


def format_number(number: float, pattern: str = ",") -> str:
    """A number as people write it: `1,204`, in German `1.204`. `pattern` is that of `format`."""
    return localize_digits(format(number, pattern))


def format_bytes(number: float) -> str:
    """A byte count as people read it: `2.31 GB`, in German `2,31 GB`."""
    return localize_digits(units.format_bytes(number))


def localize_digits(text: str) -> str:
    """A number that was written as in English, as the language of the block writes it."""
    table = _SEPARATORS.get(_language.get())
    return text.translate(table) if table else text


def _fill(text: str, values: dict[str, object]) -> str:
    if not values:
        return text
    shown = {}
    for name, value in values.items():
        # true and false are ints as well, and never shown
        shown[name] = format_number(value) if isinstance(value, int) else value
    return text.format_map(shown)


@functools.cache
def _load(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    catalogue = resources.files("provenance.reports").joinpath("locale", language, "LC_MESSAGES", "reports.mo")
    with catalogue.open("rb") as file:
        return gettext.GNUTranslations(file)
