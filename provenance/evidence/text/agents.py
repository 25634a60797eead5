"""What stands around a statement: the program named nearest to it, and what its manifest says was fed in.

Nearest is the same action, then the same manifest; outside C2PA the same carrier.
"""

from __future__ import annotations

from collections.abc import Iterable

from provenance.evidence.text.vocabulary import name
from provenance.model.evidence import Statement

_ACTION = ("/softwareAgent", "/parameters/com.adobe.details")
_FED = " (inputTo)"
_FIELDS = ("aisystemused", "creatortool", "software")


class Agents:
    """The programs named among the statements of one file."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._of_action: dict[str, str] = {}
        self._of_manifest: dict[str, str] = {}
        self._of_field: dict[tuple[str, str], str] = {}
        self._fed: dict[str, list[str]] = {}
        for statement in statements:
            if not statement.value.strip():
                continue
            if statement.carrier == "c2pa":
                if statement.key.endswith(_ACTION):
                    self._of_action[statement.where] = statement.value
                elif statement.key == "claim_generator":
                    self._of_manifest.setdefault(_manifest(statement), statement.value)
                elif statement.key == "ingredient/title" and statement.where.endswith(_FED):
                    self._fed.setdefault(_manifest(statement), []).append(statement.value)
            elif (field := name(statement.key)) in _FIELDS:
                self._of_field.setdefault((statement.carrier, field), statement.value)

    def behind(self, statement: Statement) -> str | None:
        """The nearest program named, None when there is none."""
        if statement.carrier == "c2pa":
            return self._of_action.get(statement.where) or self._of_manifest.get(_manifest(statement))
        fields = (self._of_field.get((statement.carrier, field)) for field in _FIELDS)
        return next((value for value in fields if value), None)

    def fed_to(self, statement: Statement) -> list[str]:
        """Titles of what was fed to the making of the thing that a manifest speaks of."""
        return self._fed.get(_manifest(statement), []) if statement.carrier == "c2pa" else []


def _manifest(statement: Statement) -> str:
    return statement.where.split(", ", 1)[0]
