"""Client policies as data: which rules, how grave each is, and the clause of the client's guidance that it serves."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib import resources

from provenance import registry, toml_table
from provenance.errors import UsageError
from provenance.model.report import PolicyName
from provenance.model.vocabulary import Severity
from provenance.policy import rules
from provenance.policy.interface import Rule
from provenance.toml_table import TomlTable

_PACK_KEYS = ("name", "version", "title", "source", "rule")
_RULE_KEYS = ("id", "severity", "clause", "says")


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule as a client sees it."""

    rule: str
    """The rule's id: `broken-credential`."""
    severity: Severity
    clause: str
    """Id and sense of the clause that the rule serves, in the pack's own words: `NFX-P4: …`."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One client's policy: which rules count, and the digest of the text that says so."""

    name: str
    version: str
    title: str
    source: str
    """The guidance that it puts into rules, and its date."""
    sha256: str
    """Hex digest of the file's bytes."""
    rulings: tuple[Ruling, ...]

    @property
    def identity(self) -> PolicyName:
        """Name and digest, as every report gives them."""
        return PolicyName(self.name, self.sha256)


def known_rules() -> dict[str, Rule]:
    """All rules there are, by id."""
    return {rule.id: rule for rule in registry.members(rules, Rule).values()}


def names() -> list[str]:
    """The packs that come with the program."""
    folder = resources.files("provenance.policy") / "packs"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load(policy: str) -> Pack:
    """The pack of that name, else the one in that file.

    Raises `UsageError` for anything that would make the gate weaker than its author thinks: an unknown rule, severity
    or key, a rule named twice, a pack without rules, a file that cannot be read.
    """
    if policy in names():
        raw = (resources.files("provenance.policy") / "packs" / f"{policy}.toml").read_bytes()
    elif os.path.lexists(policy):
        raw = toml_table.read_bytes(policy)
    else:
        raise UsageError(
            f"there is no policy {policy!r}, neither a pack nor a file", f"packs: {', '.join(names())}; or name a file"
        )
    return read(raw, f"policy {policy}")


def read(raw: bytes, called: str) -> Pack:
    """The pack in the bytes of a file; `called` names it in complaints. Raises as `load`."""
    table = toml_table.parse(raw, called)
    table.only(_PACK_KEYS)
    rulings = tuple(_ruling(row) for row in table.tables("rule"))
    if not rulings:
        raise UsageError(f"{called} names no rule", "a policy without rules passes everything; add [[rule]] tables")
    _refuse_twice(rulings, called)
    return Pack(
        name=table.text("name"),
        version=table.text("version"),
        title=table.text("title"),
        source=table.text("source"),
        sha256=hashlib.sha256(raw).hexdigest(),
        rulings=rulings,
    )


def _ruling(row: TomlTable) -> Ruling:
    row.only(_RULE_KEYS)
    rule, valid = row.text("id"), known_rules()
    if rule not in valid:
        raise UsageError(f"{row.where}: unknown rule {rule!r}", toml_table.suggest(rule, valid))
    return Ruling(rule, row.choice("severity", Severity), f"{row.text('clause')}: {row.text('says')}")


def _refuse_twice(rulings: tuple[Ruling, ...], called: str) -> None:
    seen: set[str] = set()
    for ruling in rulings:
        if ruling.rule in seen:
            raise UsageError(f"{called} names {ruling.rule!r} twice", "keep the one with the severity that is meant")
        seen.add(ruling.rule)
