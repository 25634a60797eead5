"""Client policies as data: which rules apply, how severe each is, and the clause of the client's guidance behind it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib import resources

from provenance import registry, toml_table
from provenance.errors import UsageError
from provenance.model.report import PolicyName, RuleName
from provenance.model.vocabulary import Severity
from provenance.policy import cut_rules, package_rules, rules
from provenance.policy.interface import CutRule, PackageRule, Rule, RuleTexts
from provenance.toml_table import TomlTable

_PACK_KEYS = ("name", "version", "title", "source", "quotes", "rule")
_RULE_KEYS = ("id", "severity", "clause", "says")


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule as a client weighs it."""

    rule: str
    """The rule's id: `broken-credential`."""
    severity: Severity
    clause: str
    """Id and sense of the clause behind the rule: `NFX-P4: …`."""
    is_quoted: bool = False
    """Whether the clause is a quotation; else it is in the pack's own words."""


@dataclass(frozen=True, slots=True)
class Pack:
    """One client's policy: which rules apply, and the digest of the text that says so."""

    name: str
    version: str
    title: str
    source: str
    """The guidance that the pack turns into rules, and its date."""
    sha256: str
    """Hex digest of the file's bytes."""
    rulings: tuple[Ruling, ...]
    is_quoted: bool = False
    """Whether `says` quotes the client's guidance; else it is in the pack's own words."""
    is_shipped: bool = False
    """Whether it comes with the program."""

    @property
    def identity(self) -> PolicyName:
        """The pack as every report names it, with the rules that it leaves out."""
        asked = {ruling.rule for ruling in self.rulings}
        not_asked = [RuleName(name, rule.title) for name, rule in load_all_rules().items() if name not in asked]
        return PolicyName(
            self.name,
            self.sha256,
            self.version,
            self.title,
            self.source,
            self.is_quoted,
            self.is_shipped,
            tuple(sorted(not_asked, key=lambda row: row.rule)),
        )


def load_rules() -> dict[str, Rule]:
    """All rules about assets, by id."""
    return {rule.id: rule for rule in registry.load_members(rules, Rule).values()}


def load_cut_rules() -> dict[str, CutRule]:
    """All rules about cuts, by id."""
    return {rule.id: rule for rule in registry.load_members(cut_rules, CutRule).values()}


def load_package_rules() -> dict[str, PackageRule]:
    """All rules about packages, by id."""
    return {rule.id: rule for rule in registry.load_members(package_rules, PackageRule).values()}


def load_all_rules() -> dict[str, RuleTexts]:
    """Every rule that a pack may name, by id."""
    return {**load_rules(), **load_cut_rules(), **load_package_rules()}


def list_packs() -> list[str]:
    """Names of the packs that come with the program."""
    folder = resources.files("provenance.policy") / "packs"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load(policy: str) -> Pack:
    """The pack of that name, else the pack in that file.

    Raises `UsageError` for anything that would make the gate weaker than its author thinks: an unknown rule, severity
    or key, a rule named twice, a pack without rules, a file that cannot be read.
    """
    # a shipped name wins over a file of that name: a file in the current folder must not replace the client's policy
    if policy in list_packs():
        raw = _read_shipped(policy)
    elif os.path.lexists(policy):
        raw = toml_table.read_bytes(policy)
    else:
        raise UsageError(
            f"{policy!r} is neither a policy pack nor a file", f"packs: {', '.join(list_packs())}; or name a file"
        )
    return parse(raw, f"policy {policy}")


def parse(raw: bytes, called: str) -> Pack:
    """The pack in the bytes of a file; error messages call it `called`. Raises as `load` does."""
    table = toml_table.parse(raw, called)
    # a misspelt key would silently leave something out of the policy
    table.reject_unknown_keys(_PACK_KEYS)
    is_quoted = table.read_flag("quotes", default=False)
    rulings = tuple(_parse_ruling(row, is_quoted=is_quoted) for row in table.read_tables("rule"))
    if not rulings:
        raise UsageError(f"{called} names no rule", "a policy without rules lets everything pass; add [[rule]] tables")
    _refuse_duplicates(rulings, called)
    name = table.read_text("name")
    is_shipped = raw in map(_read_shipped, list_packs())
    # a report says which client's policy judged; only the pack that came with the program may say it by that name
    if not is_shipped and registry.is_name_taken(name, list_packs()):
        raise UsageError(
            f"{called} calls itself {name!r}, which is the name of a pack that comes with the program",
            f"give a changed pack a name of its own, for example {f'{name}-changed'!r}",
        )
    return Pack(
        name=name,
        version=table.read_text("version"),
        title=table.read_text("title"),
        source=table.read_text("source"),
        sha256=hashlib.sha256(raw).hexdigest(),
        rulings=rulings,
        is_quoted=is_quoted,
        is_shipped=is_shipped,
    )


def _read_shipped(name: str) -> bytes:
    return (resources.files("provenance.policy") / "packs" / f"{name}.toml").read_bytes()


def _parse_ruling(row: TomlTable, *, is_quoted: bool) -> Ruling:
    row.reject_unknown_keys(_RULE_KEYS)
    rule, rules = row.read_text("id"), load_all_rules()
    if rule not in rules:
        raise UsageError(f"{row.where}: unknown rule {rule!r}", toml_table.suggest(rule, rules))
    clause = f"{row.read_text('clause')}: {row.read_text('says')}"
    return Ruling(rule, row.read_choice("severity", Severity), clause, is_quoted)


def _refuse_duplicates(rulings: tuple[Ruling, ...], called: str) -> None:
    # of two severities for one rule nobody could say which one counts
    seen: set[str] = set()
    for ruling in rulings:
        if ruling.rule in seen:
            raise UsageError(f"{called} names {ruling.rule!r} twice", "keep the one with the severity that you mean")
        seen.add(ruling.rule)
