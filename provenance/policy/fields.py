"""Types of fields of the register: a value as a file has it -> texts that can be relied on, else what is wrong with it.

A value is never guessed. What a spreadsheet may have changed on its own, such as a number in a column of texts, is
refused with the words that say what to write.
"""

from __future__ import annotations

import abc
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from provenance.model.declaration import Cell, CellKind
from provenance.model.declared import WORLD

LONGEST_TEXT = 10_000
"""Characters of one value."""
MOST_ITEMS = 1_000
"""Items of one list."""
_LONGEST_ID = 100
"""Characters of an id."""
_LONGEST_SHOWN = 60
"""Characters of a value that a message repeats."""

# Controls, surrogates, line separators, and what reorders its neighbours or is drawn as nothing. The joiners U+200C and
# U+200D stay: words of Persian and of Indian languages are written with them.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DAY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{_LONGEST_ID}}}")

# ISO 3166-1 alpha-2 as of 2024: https://www.iso.org/iso-3166-country-codes.html
TERRITORIES = frozenset(
    """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
    CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
    GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
    MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
    TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW""".split()  # noqa: SIM905 - a list of 249 lines would hide it
)


class FieldError(ValueError):
    """A value that a field cannot have."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


class FieldType(abc.ABC):
    """What a field may contain."""

    is_list = False
    """Whether it may have several values; in a cell they are separated by semicolons."""

    title = ""
    """One value in a few words, for the reference and for a person who got it wrong."""
    metavar = "TEXT"
    """What stands for a value in the help of a command."""

    @abc.abstractmethod
    def _read(self, text: str) -> str:
        """The value of one text. Raises `FieldError`."""

    def parse(self, cell: Cell) -> tuple[str, ...]:
        """The values of a cell; none when it is blank. Raises `FieldError`."""
        if problem := _UNUSABLE.get(cell.kind):
            raise FieldError(f"{shorten(cell.text)} {problem[0]}", problem[1])
        if cell.kind is CellKind.DAY and not isinstance(self, Day):
            raise FieldError(f"{cell.text} is a date", f"write {self.title}, as text")
        texts = list(self._split(cell))
        if len(texts) > MOST_ITEMS:
            raise FieldError(f"has {len(texts):,} items", f"write at most {MOST_ITEMS:,}")
        return tuple(dict.fromkeys(self._read(_check_text(text)) for text in texts))

    def _split(self, cell: Cell) -> Iterator[str]:
        if cell.kind is CellKind.LIST and not self.is_list:
            raise FieldError("is a list", f"write {self.title}, without brackets")
        parts = cell.texts
        if self.is_list and cell.kind is CellKind.TEXT:
            parts = tuple(cell.text.split(";"))
        for part in parts:
            if text := part.strip(" "):
                yield text


_UNUSABLE: dict[CellKind, tuple[str, str]] = {
    CellKind.FORMULA: ("is a formula", "write the value itself"),
    CellKind.ERROR: ("is an error value", "write the value that was meant"),
    CellKind.TIME: ("has a time of day", "write a day alone: YYYY-MM-DD"),
    CellKind.NUMBER: ("is a number", "format the cell as text and write it again: a spreadsheet changes numbers"),
    CellKind.FLAG: ("is true or false", "write a text: yes, no"),
    CellKind.OTHER: ("cannot be used here", "write a text or a list of texts"),
}


def shorten(text: str) -> str:
    """A value as a message repeats it."""
    if len(text) > _LONGEST_SHOWN:
        text = text[: _LONGEST_SHOWN - 1] + "…"
    return repr(text)


def _check_text(text: str) -> str:
    if hidden := _HIDDEN.search(text):
        problem = f"{shorten(text)} has a hidden character (U+{ord(hidden[0]):04X})"
        raise FieldError(problem, "write it in one line, without control characters and direction marks")
    if len(text) > LONGEST_TEXT:
        raise FieldError(f"has {len(text):,} characters", f"write at most {LONGEST_TEXT:,}")
    return text


@dataclass(frozen=True)
class Text(FieldType):
    """Free text in one line."""

    is_list: bool = False

    title = "text"

    def _read(self, text: str) -> str:
        # A dash or a dot in place of a reason would approve something for no reason.
        if not any(character.isalnum() for character in text):
            raise FieldError(f"{shorten(text)} says nothing", "write words")
        return text


@dataclass(frozen=True)
class Name(Text):
    """A name of a person, a firm or a tool."""

    title = "a name"
    metavar = "NAME"

    def _read(self, text: str) -> str:
        # Whoever opens an export in a spreadsheet must not run it.
        if text[0] in "=+@＝＋＠":
            raise FieldError(f"{shorten(text)} begins like a formula", "write the name without the sign in front")
        return super()._read(text)


class Identifier(FieldType):
    """The coordinator's own id of an entry."""

    title = "letters, digits and - _ ."
    metavar = "ID"

    def _read(self, text: str) -> str:
        if not _ID.fullmatch(text):
            remedy = f"write up to {_LONGEST_ID} {self.title}, or leave it out"
            raise FieldError(f"{shorten(text)} cannot be an id", remedy)
        return text


@dataclass(frozen=True)
class Reference(FieldType):
    """The id of another entry."""

    kind: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", f"id of the {self.kind}")
        object.__setattr__(self, "metavar", "ID")

    def _read(self, text: str) -> str:
        return text


class Day(FieldType):
    """A day of the calendar."""

    title = "a day, YYYY-MM-DD"
    metavar = "YYYY-MM-DD"

    def _read(self, text: str) -> str:
        if other := _OTHER_DAY.fullmatch(text):
            raise FieldError(*_explain_day(text, *other.groups()))
        if parse_day(text) is None:
            raise FieldError(f"{shorten(text)} is not a day", "write it as YYYY-MM-DD")
        return text


def _explain_day(text: str, first: str, second: str, year: str) -> tuple[str, str]:
    # 03/04 is the third of April in Europe and March 4 in America.
    days = {f"{year}-{second:0>2}-{first:0>2}", f"{year}-{first:0>2}-{second:0>2}"}
    valid = sorted(day for day in days if parse_day(day))
    if len(valid) == 2:
        return f"{shorten(text)} can be read as two days", f"write {valid[0]} or {valid[1]}"
    return f"{shorten(text)} is not a day", f"write it as {valid[0] if valid else 'YYYY-MM-DD'}"


def parse_day(text: str) -> date | None:
    """The day that a text names as `YYYY-MM-DD`; None for any other."""
    # date.fromisoformat also takes `20301231` and week dates, which people read differently
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Choice(FieldType):
    """One or several of some words."""

    words: tuple[str, ...]
    is_list: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", " | ".join(self.words))
        object.__setattr__(self, "metavar", "|".join(self.words))

    def _read(self, text: str) -> str:
        if text.casefold() not in self.words:
            raise FieldError(f"{shorten(text)} is not among the choices", suggest(text, self.words))
        return text.casefold()


def suggest(word: str, valid: tuple[str, ...]) -> str:
    """What to write instead of a word that is not valid: the most similar one first."""
    nearest = difflib.get_close_matches(word.casefold(), valid, n=1)
    choices = f"write one of: {', '.join(valid)}"
    return f"did you mean {str(nearest[0])!r}? {choices}" if nearest else choices


class Digests(FieldType):
    """Contents, each by its whole digest."""

    is_list = True
    title = "a digest: sha256: and 64 hexadecimal digits"
    metavar = "DIGEST"

    def _read(self, text: str) -> str:
        if not _DIGEST.fullmatch(text):
            problem = f"{shorten(text)} is not a whole digest"
            remedy = "write sha256: and 64 hexadecimal digits, no part of a digest, no pattern and no path; "
            raise FieldError(problem, f"{remedy}`provenance show FILE` prints it")
        return text


class Sha256(FieldType):
    """The SHA-256 of a document."""

    title = "64 hexadecimal digits"
    metavar = "SHA256"

    def _read(self, text: str) -> str:
        digits = text.casefold().removeprefix("sha256:")
        if not _SHA256.fullmatch(digits):
            raise FieldError(f"{shorten(text)} is not a SHA-256", f"write {self.title}; `sha256sum FILE` prints them")
        return digits


class Territories(FieldType):
    """Countries."""

    is_list = True
    title = "a country code of ISO 3166 such as DE, or world"
    metavar = "CODE"

    def _read(self, text: str) -> str:
        if text.casefold() == WORLD:
            return WORLD
        if text.upper() not in TERRITORIES:
            raise FieldError(f"{shorten(text)} is not a country code", "write two letters such as DE or US, or world")
        return text.upper()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of entry. Command line, CSV header, TOML keys and reference are made from it."""

    name: str
    type: FieldType
    does: str
    """What it says, in a few words."""
    is_required: bool = False
    aliases: tuple[str, ...] = ()
    """Other spellings on the command line."""

    @property
    def option(self) -> str:
        """As the command line spells it: `--approved-by`."""
        return f"--{self.name.replace('_', '-')}"


def parse_text(type_: FieldType, text: str) -> str:
    """The one value of a text that must not be blank. Raises `FieldError`."""
    values = type_.parse(Cell((text,)))
    if not values:
        raise FieldError("nothing is written", f"write {type_.title}")
    return values[0]
