"""Midjourney: the command and its job number at the end of the description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_JOB = re.compile(rf"\bJob ID: ({UUID.pattern})\s*\Z", re.IGNORECASE)
_SWITCH = re.compile(r"(?:^|\s)--[a-z]{1,12}(?:\s|$)", re.IGNORECASE)
_VALUE = re.compile(r"--([a-z]{1,12})((?:\s+(?!--)\S+)*)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
_REFERENCES = ("sref", "cref", "oref", "iref")
_MODELS = {"v": "Midjourney", "version": "Midjourney", "niji": "Niji", "test": "Midjourney test", "hd": "Midjourney HD"}
_FIELDS = frozenset({"description", "imagedescription", "caption-abstract"})
_TAIL = 16_384


class Midjourney(Signal):
    """A description that ends with a job number, with switches of the command before it or the same number in XMP."""

    name = "midjourney"
    title = "Midjourney job"
    written_by = (
        "Midjourney: the description (PNG text, EXIF, XMP) is the command, `<prompt> --ar 4:3 --v 6.1 Job ID: <uuid>`, "
        "and Iptc4xmpExt:DigitalImageGUID in XMP is the same number, beside a digital source type."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save. It carries no Content Credentials."
    traps = (
        "A caption or an article about Midjourney is nothing, nor is a job number alone: printers and render farms "
        "have jobs too. A DigitalImageGUID alone belongs to any picture."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier that holds the command."""
        yield from keep_first_per_carrier(self._commands(list(select_visible(statements))))

    def _commands(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        numbers = {row.value.strip().casefold() for row in statements if normalise_key(row.key) == "digitalimageguid"}
        for statement in statements:
            tail = statement.value[-_TAIL:]
            job = _JOB.search(tail) if normalise_key(statement.key) in _FIELDS else None
            if job and (_SWITCH.search(tail[: job.start()]) or job[1].casefold() in numbers):
                used = _used(statement.value[: len(statement.value) - len(tail) + job.start()])
                said = describe_used(used)
                detail = f"A Midjourney command with its job number {job[1]}{said and f': {said}'}."
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Midjourney", used=used)


def _used(command: str) -> Used:
    """The parts of a command: addresses of pictures, the words, then switches with what each is given."""
    first = _SWITCH.search(command)
    words, rest = (command[: first.start()], command[first.start() :]) if first else (command, "")
    switches = {match[1].casefold(): match[2].strip() for match in _VALUE.finditer(rest[:_TAIL])}
    referred = (switches.get(key, "") for key in _REFERENCES)
    model = next((f"{kind} {switches[key]}".strip() for key, kind in _MODELS.items() if key in switches), "")
    return make_used(
        _ADDRESS.sub("", words),
        negative=switches.get("no", ""),
        model=model,
        adapters=filter(None, (switches.get("p"), switches.get("profile"))),
        seed=switches.get("seed", ""),
        inputs=(match[0] for text in (words, *referred) for match in _ADDRESS.finditer(text)),
    )
