"""Which program a statement is about: the one named for the same action, in the same manifest, by the same carrier."""

from __future__ import annotations

from collections.abc import Iterable

from provenance.intake.words import name
from provenance.model import Statement

_ACTION = ("/softwareAgent", "/parameters/com.adobe.details")
_FIELDS = ("aisystemused", "creatortool", "software")


class Agents:
    """The programs named among the statements of one file."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._of_action: dict[str, str] = {}
        self._of_manifest: dict[str, str] = {}
        self._of_field: dict[tuple[str, str], str] = {}
        for statement in statements:
            if not statement.value.strip():
                continue
            if statement.carrier == "c2pa":
                if statement.key.endswith(_ACTION):
                    self._of_action[statement.where] = statement.value
                elif statement.key == "claim_generator":
                    self._of_manifest.setdefault(_manifest(statement), statement.value)
            elif (field := name(statement.key)) in _FIELDS:
                self._of_field.setdefault((statement.carrier, field), statement.value)

    def behind(self, statement: Statement) -> str | None:
        """The nearest program named, None when there is none."""
        if statement.carrier == "c2pa":
            return self._of_action.get(statement.where) or self._of_manifest.get(_manifest(statement))
        fields = (self._of_field.get((statement.carrier, field)) for field in _FIELDS)
        return next((value for value in fields if value), None)


def _manifest(statement: Statement) -> str:
    return statement.where.split(", ", 1)[0]
