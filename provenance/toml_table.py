"""TOML written by people -> checked values. Every complaint names the file and the place and what would be valid."""

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

LARGEST = 1024 * 1024
"""Bytes of a config or policy file; what is larger is something else."""

Choice = TypeVar("Choice", bound=enum.StrEnum)
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of a file: what stands in it, and how to call it in a complaint. All complaints are `UsageError`s."""

    values: Mapping[str, Any]
    where: str

    def reject_unknown_keys(self, valid: Collection[str]) -> None:
        """Complain about the first key that is not valid, and name the nearest one that is."""
        for key in self.values:
            if key not in valid:
                raise UsageError(f"{self.where}: unknown key {key!r}", suggest(key, valid))

    def read_text(self, key: str) -> str:
        """A text that is there and not blank."""
        value = self._of(key, str, "a text")
        if not value.strip():
            raise self.make_error(key, "must not be blank")
        return value

    def read_texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them blank; empty when it is not there."""
        value = self._of(key, list, "a list of texts", [])
        if not all(isinstance(item, str) and item.strip() for item in value):
            raise self.make_error(key, "must be a list of texts, none of them blank")
        return tuple(value)

    def read_choice(self, key: str, choices: type[Choice], default: Choice | None = None) -> Choice:
        """One of the words of an enumeration."""
        otherwise: str | None = default
        value = self._of(key, str, "a text", otherwise)
        try:
            return choices(value)
        except ValueError:
            raise UsageError(f"{self.where}: {key} = {value!r}", suggest(value, list(choices))) from None

    def read_count(self, key: str) -> int:
        """A whole number above zero."""
        value = self._of(key, int, "a whole number above zero")
        if value <= 0:
            raise self.make_error(key, "must be a whole number above zero")
        return value

    def read_number(self, key: str) -> float:
        """A finite number above zero."""
        value = self.values.get(key)
        value = float(self.read_count(key)) if isinstance(value, int) else self._of(key, float, "a number above zero")
        if not 0 < value < float("inf"):
            raise self.make_error(key, "must be a number above zero")
        return value

    def read_table(self, key: str) -> TomlTable:
        """A table within this one; empty when it is not there."""
        return TomlTable(self._of(key, dict, "a table", {}), f"{self.where} [{key}]")

    def read_tables(self, key: str) -> list[TomlTable]:
        """A list of tables within this one; empty when it is not there."""
        rows = self._of(key, list, "a list of tables", [])
        if not all(isinstance(row, dict) for row in rows):
            raise self.make_error(key, f"must be written as [[{key}]]")
        return [TomlTable(row, f"{self.where} [[{key}]] number {count}") for count, row in enumerate(rows, 1)]

    def make_error(self, key: str, why: str) -> UsageError:
        """The complaint that the value of `key` is not valid, to be raised."""
        return UsageError(f"{self.where}: {key} {why}")

    def _of(self, key: str, kind: type[Kind], called: str, default: Kind | None = None) -> Kind:
        value = self.values.get(key, default)
        if value is None:
            raise self.make_error(key, "is missing")
        if isinstance(value, bool) or not isinstance(value, kind):
            raise self.make_error(key, f"must be {called}")
        return value


def suggest(word: str, valid: Collection[str]) -> str:
    """The hint for a word that is not valid: the nearest that is, then all."""
    nearest = difflib.get_close_matches(word, valid, n=1, cutoff=0.0)
    meant = f"did you mean {str(nearest[0])!r}? " if nearest else ""
    return f"{meant}valid: {', '.join(sorted(valid))}"


def read_bytes(path: str) -> bytes:
    """The bytes of a config or policy file. Raises `UsageError` when it cannot be read or is no regular, small file."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is no file", "name a TOML file")
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as fault:  # ValueError: a path with a null in it
        raise UsageError(f"{path} cannot be read: {fault}", "check the path and the permissions") from fault
    if len(raw) > LARGEST:
        raise UsageError(f"{path} is larger than {LARGEST} bytes", "name a TOML file")
    return raw


def _without_waiting(path: str, flags: int) -> int:
    """Open as usual, but do not wait at a pipe for somebody to write into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parse(raw: bytes, called: str) -> TomlTable:
    """The TOML text as its outermost table. Raises `UsageError` when it is no TOML."""
    try:
        return TomlTable(tomllib.loads(raw.decode("utf-8-sig")), called)
    except (ValueError, RecursionError) as fault:
        raise UsageError(f"{called} is no valid TOML: {fault}", "correct the line that is named") from fault


def quote(text: str) -> str:
    """`text` as a TOML string. Raises `UsageError` for a name that is no text: TOML cannot hold it."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise UsageError(f"{text!r} cannot be written into a config", "give it a name that is text") from fault
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
