"""TOML files written by people -> checked values. Every error names the file, the place and the valid values."""

from __future__ import annotations

import difflib
import enum
import json
import os
import stat
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from provenance.errors import UsageError

MAX_FILE_SIZE = 1024 * 1024
"""Bytes of a config or policy file; a larger file is not one of these."""

Choice = TypeVar("Choice", bound=enum.StrEnum)
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of a file. The methods raise `UsageError` for a key or value that is not valid."""

    values: Mapping[str, Any]
    where: str
    """File and place of the table, for messages: `config x.toml [[storage]] number 2`."""

    def reject_unknown_keys(self, valid: Collection[str]) -> None:
        """Raise for the first key that is not valid, with the most similar valid one in the hint."""
        for key in self.values:
            if key not in valid:
                raise UsageError(f"{self.where}: unknown key {key!r}", suggest(key, valid))

    def read_text(self, key: str) -> str:
        """A text that must be there and must not be blank."""
        value = self._read(key, str, "a text")
        if not value.strip():
            raise self.make_error(key, "must not be blank")
        return value

    def read_texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them blank; empty when it is not there."""
        items = self._read(key, list, "a list of texts", [])
        for item in items:
            if not isinstance(item, str) or not item.strip():
                raise self.make_error(key, "must be a list of texts, none of them blank")
        return tuple(items)

    def read_choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        """One of the words of an enumeration."""
        default_text: str | None = default
        value = self._read(key, str, "a text", default_text)
        try:
            return choices(value)
        except ValueError:
            # `from None`: the error of the enumeration says nothing that this one does not.
            raise UsageError(f"{self.where}: {key} = {value!r}", suggest(value, list(choices))) from None

    def read_flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.make_error(key, "must be true or false")
        return value

    def read_count(self, key: str) -> int:
        """A whole number above zero."""
        value = self._read(key, int, "a whole number above zero")
        if value <= 0:
            raise self.make_error(key, "must be a whole number above zero")
        return value

    def read_number(self, key: str) -> float:
        """A finite number above zero."""
        # TOML keeps whole numbers and floating point apart; for people `30` and `30.0` are the same.
        if isinstance(self.values.get(key), int):
            return float(self.read_count(key))
        value = self._read(key, float, "a number above zero")
        # TOML also has `inf` and `nan`. Every comparison with NaN is false, so this refuses both.
        if not 0 < value < float("inf"):
            raise self.make_error(key, "must be a number above zero")
        return value

    def read_table(self, key: str) -> TomlTable:
        """A table within this one; empty when it is not there."""
        return TomlTable(self._read(key, dict, "a table", {}), f"{self.where} [{key}]")

    def read_tables(self, key: str) -> list[TomlTable]:
        """A list of tables within this one; empty when it is not there."""
        rows = self._read(key, list, "a list of tables", [])
        tables = []
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise self.make_error(key, f"must be written as [[{key}]]")
            tables.append(TomlTable(row, f"{self.where} [[{key}]] number {number}"))
        return tables

    def make_error(self, key: str, reason: str) -> UsageError:
        """The error that the value of `key` is not valid, to be raised."""
        return UsageError(f"{self.where}: {key} {reason}")

    def _read(self, key: str, kind: type[Kind], expected: str, default: Kind | None = None) -> Kind:
        """A value of one type; `expected` names the type in the message. Without a default the key must be there."""
        value = self.values.get(key, default)
        if value is None:
            raise self.make_error(key, "is missing")
        # Python counts True and False as whole numbers; a person who writes `jobs = true` did not mean one.
        if isinstance(value, bool) or not isinstance(value, kind):
            raise self.make_error(key, f"must be {expected}")
        return value


def suggest(word: str, valid: Collection[str]) -> str:
    """The hint for a word that is not valid: the most similar valid word, then all of them."""
    choices = f"valid: {', '.join(sorted(valid))}"
    # Without a cutoff: even a poor guess shows what kind of word belongs there.
    nearest = difflib.get_close_matches(word, valid, n=1, cutoff=0.0)
    if not nearest:
        return choices
    return f"did you mean {str(nearest[0])!r}? {choices}"


def read_bytes(path: str) -> bytes:
    """The bytes of a config or policy file. Raises `UsageError` unless it is a small regular file that can be read."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is not a file", "name a TOML file")
            raw = file.read(MAX_FILE_SIZE + 1)
    except (OSError, ValueError) as fault:
        # ValueError: a path with a null byte in it.
        raise UsageError(f"{path} cannot be read: {fault}", "check the path and the permissions") from fault
    if len(raw) > MAX_FILE_SIZE:
        raise UsageError(f"{path} is larger than {MAX_FILE_SIZE} bytes", "name a TOML file")
    return raw


def _open_without_waiting(path: str, flags: int) -> int:
    # Opening a named pipe would otherwise wait until somebody writes into it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parse(raw: bytes, called: str) -> TomlTable:
    """The outermost table of a TOML text; `called` names it in messages. Raises `UsageError` for invalid TOML."""
    try:
        # Editors on Windows begin a file with a byte order mark.
        return TomlTable(tomllib.loads(raw.decode("utf-8-sig")), called)
    except (ValueError, RecursionError) as fault:
        # RecursionError: thousands of nested brackets.
        raise UsageError(f"{called} is not valid TOML: {fault}", "correct the line that is named") from fault


def quote(text: str) -> str:
    """`text` as a TOML string. Raises `UsageError` for text that TOML cannot contain: names with undecodable bytes."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise UsageError(
            f"{text!r} cannot be written into a config", "rename it: the name is not valid UTF-8"
        ) from fault
    # A JSON string is a TOML string, except that TOML also wants the DEL character escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
