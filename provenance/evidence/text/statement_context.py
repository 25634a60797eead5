"""The context of a statement: which program is named nearest to it, and which inputs its manifest lists."""

from __future__ import annotations

from collections.abc import Iterable

from provenance.evidence.text.parse_text import normalise_key
from provenance.model.evidence import Statement

_PROGRAM_OF_ACTION = ("/softwareAgent", "/parameters/com.adobe.details")
"""How the keys end in which a C2PA action names its program; the second is Adobe's, for a partner's model."""
_INPUT_RELATION = " (inputTo)"
"""How the place of a statement ends that is about an ingredient with the C2PA relationship `inputTo`."""
_PROGRAM_FIELDS = ("aisystemused", "creatortool", "software")
"""Fields outside C2PA that name a program: IPTC, XMP, EXIF. The most exact comes first."""


class StatementContext:
    """The programs and inputs that the statements of one file name, to be asked for by statement.

    Nearest means: in the same action, else in the same manifest. Outside C2PA it means: read by the same carrier.
    """

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._program_of_action: dict[str, str] = {}
        self._program_of_manifest: dict[str, str] = {}
        self._program_of_field: dict[tuple[str, str], str] = {}
        self._inputs_of_manifest: dict[str, list[str]] = {}
        for statement in statements:
            if not statement.value.strip():
                continue
            if statement.carrier == "c2pa":
                self._add_c2pa(statement)
            else:
                self._add_field(statement)

    def _add_c2pa(self, statement: Statement) -> None:
        # An action can name its own program, such as a plug-in; the claim generator wrote the manifest as a whole.
        if statement.key.endswith(_PROGRAM_OF_ACTION):
            self._program_of_action[statement.where] = statement.value
        elif statement.key == "claim_generator":
            self._program_of_manifest.setdefault(_find_manifest(statement), statement.value)
        elif statement.key == "ingredient/title" and statement.where.endswith(_INPUT_RELATION):
            self._inputs_of_manifest.setdefault(_find_manifest(statement), []).append(statement.value)

    def _add_field(self, statement: Statement) -> None:
        field = normalise_key(statement.key)
        if field in _PROGRAM_FIELDS:
            self._program_of_field.setdefault((statement.carrier, field), statement.value)

    def find_program(self, statement: Statement) -> str | None:
        """Return the program that is named nearest to the statement, or None if none is named."""
        if statement.carrier == "c2pa":
            of_action = self._program_of_action.get(statement.where)
            return of_action or self._program_of_manifest.get(_find_manifest(statement))
        for field in _PROGRAM_FIELDS:
            program = self._program_of_field.get((statement.carrier, field))
            if program:
                return program
        return None

    def find_inputs(self, statement: Statement) -> list[str]:
        """Return the titles of the inputs that the statement's manifest lists; empty outside C2PA."""
        if statement.carrier != "c2pa":
            return []
        return self._inputs_of_manifest.get(_find_manifest(statement), [])


def _find_manifest(statement: Statement) -> str:
    # The C2PA carrier writes places as `manifest …, assertion …`: the manifest is the part before the first comma.
    return statement.where.split(", ", 1)[0]
