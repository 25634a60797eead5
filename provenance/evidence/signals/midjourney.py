"""Midjourney: the command and its job number at the end of the description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_JOB = re.compile(rf"\bJob ID: ({UUID.pattern})\s*\Z", re.IGNORECASE)
_SWITCH = re.compile(r"(?:^|\s)--[a-z]{1,12}(?:\s|$)", re.IGNORECASE)
_SWITCH_WITH_VALUE = re.compile(r"--([a-z]{1,12})((?:\s+(?!--)\S+)*)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
_REFERENCE_SWITCHES = ("sref", "cref", "oref", "iref")
"""Switches that are followed by the addresses of reference pictures."""
_MODEL_SWITCHES = {
    "v": "Midjourney",
    "version": "Midjourney",
    "niji": "Niji",
    "test": "Midjourney test",
    "hd": "Midjourney HD",
}
_FIELDS = frozenset({"description", "imagedescription", "caption-abstract"})
_TAIL = 16_384
"""Characters at the end of a description that are searched for the job number and the switches."""


class Midjourney(Signal):
    """Recognised by a description that ends with a job number, after switches, or with the same number in XMP."""

    name = "midjourney"
    title = "Midjourney job"
    written_by = (
        "Midjourney: the description (PNG text, EXIF, XMP) is the command, `<prompt> --ar 4:3 --v 6.1 Job ID: <uuid>`, "
        "and Iptc4xmpExt:DigitalImageGUID in XMP is the same number, beside a digital source type."
    )
    trust = "A tool's own trace: unsigned and lost by any re-save. It carries no Content Credentials."
    traps = (
        "A caption or an article about Midjourney does not count, and neither does a job number alone: printers and "
        "render farms have jobs as well. A DigitalImageGUID alone can belong to any picture."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier that holds the command."""
        yield from keep_first_per_carrier(self._find_commands(list(select_visible(statements))))

    def _find_commands(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        image_numbers = set()
        for statement in statements:
            if normalise_key(statement.key) == "digitalimageguid":
                image_numbers.add(statement.value.strip().casefold())

        for statement in statements:
            if normalise_key(statement.key) not in _FIELDS:
                continue
            tail = statement.value[-_TAIL:]
            job = _JOB.search(tail)
            if job is None:
                continue
            # Printers and render farms have job numbers as well, so something else of Midjourney's must be there.
            has_switches = bool(_SWITCH.search(tail[: job.start()]))
            if has_switches or job[1].casefold() in image_numbers:
                length = len(statement.value) - len(tail) + job.start()
                used = _read_command(statement.value[:length])
                detail = add_usage(f"The file contains a Midjourney command with its job number {job[1]}", used)
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Midjourney", used=used)


def _read_command(command: str) -> Used:
    """Read a command: addresses of pictures, the prompt, then switches with their values."""
    # 1. Everything before the first switch is the prompt, with the addresses of image prompts in it.
    words = command
    switches: dict[str, str] = {}
    first = _SWITCH.search(command)
    if first:
        words = command[: first.start()]
        # 2. A switch takes all words up to the next one: `--sref https://… https://… --sw 50`.
        rest = command[first.start() :]
        for match in _SWITCH_WITH_VALUE.finditer(rest[:_TAIL]):
            switches[match[1].casefold()] = match[2].strip()

    # 3. Input pictures are in both.
    addresses = _ADDRESS.findall(words)
    for switch in _REFERENCE_SWITCHES:
        addresses.extend(_ADDRESS.findall(switches.get(switch, "")))
    return make_usage(
        _ADDRESS.sub("", words),
        negative=switches.get("no", ""),
        model=_name_model(switches),
        adapters=[switches.get("p", ""), switches.get("profile", "")],
        seed=switches.get("seed", ""),
        inputs=addresses,
    )


def _name_model(switches: dict[str, str]) -> str:
    for switch, model in _MODEL_SWITCHES.items():
        if switch in switches:
            return f"{model} {switches[switch]}".strip()
    return ""
