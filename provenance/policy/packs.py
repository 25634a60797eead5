"""Client policies as data: which rules apply, how severe each is, under which conditions, and the clause behind it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import resources

from provenance import registry, toml_table
from provenance.errors import UsageError
from provenance.model.report import PolicyName, RuleName
from provenance.model.vocabulary import Severity, Zone
from provenance.policy import conditions, cut_rules, package_rules, rules
from provenance.policy.conditions import ALWAYS, Conditions
from provenance.policy.interface import CutRule, PackageRule, Rule, RuleTexts
from provenance.toml_table import TomlTable

_PACK_KEYS = ("name", "version", "title", "source", "about", "quotes", "rule")
_RULE_KEYS = ("id", "severity", "clause", "says", *conditions.KEYS)


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule as a client weighs it: an entry of a pack."""

    rule: str
    """The rule's id: `broken-credential`."""
    severity: Severity
    clause: str
    """Id and sense of the clause behind the rule: `NFX-P4: …`."""
    is_quoted: bool = False
    """Whether the clause is a quotation; else it is in the pack's own words."""
    conditions: Conditions = ALWAYS
    """Where this entry counts; without any it counts wherever no other entry of its rule does."""


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
    about: str = ""
    """How the pack reads the guidance, for people; may be empty."""

    @property
    def by_rule(self) -> dict[str, tuple[Ruling, ...]]:
        """The entries of each rule, by its id, in the order of the pack."""
        groups: dict[str, tuple[Ruling, ...]] = {}
        for ruling in self.rulings:
            groups[ruling.rule] = (*groups.get(ruling.rule, ()), ruling)
        return groups

    @property
    def objects_to_plain(self) -> bool:
        """Whether one of its rules about assets may be violated by a plain reading alone."""
        rules = load_rules()
        return any(name in rules and rules[name].objects_to_plain for name in self.by_rule)

    def narrow_to_everywhere(self) -> Pack:
        """The pack with only the rules that also judge generated material outside of deliverables."""
        rules = load_rules()
        asked = [row for row in self.rulings if row.rule in rules and rules[row.rule].judges_everywhere]
        return replace(self, rulings=tuple(asked))

    @property
    def identity(self) -> PolicyName:
        """The pack as every report names it, with the rules that it leaves out."""
        not_asked = []
        by_rule = self.by_rule
        for name, rule in load_all_rules().items():
            where = [" and ".join(ruling.conditions.describe()) for ruling in by_rule.get(name, ())]
            # an entry without conditions asks the rule everywhere
            if "" not in where:
                not_asked.append(RuleName(name, rule.title, rule.finds_generated, rule.is_regional, "; ".join(where)))
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
    return parse(read(policy), f"policy {policy}")


def read(policy: str) -> bytes:
    """The bytes of the pack of that name, else of the file. Raises `UsageError` when neither is there."""
    # a shipped name wins over a file of that name: a file in the current folder must not replace the client's policy
    if policy in list_packs():
        return _read_shipped(policy)
    if os.path.lexists(policy):
        return toml_table.read_bytes(policy)
    raise UsageError(
        f"{policy!r} is neither a policy pack nor a file", f"packs: {', '.join(list_packs())}; or name a file"
    )


def load_all(policies: Iterable[str]) -> list[Pack]:
    """The packs of these names and files, in this order. Raises as `load` does, and for one that is named twice."""
    packs: list[Pack] = []
    for policy in policies:
        pack = load(policy)
        # a report tells verdicts apart by the names of their packs
        if registry.is_name_taken(pack.name, [other.name for other in packs]):
            raise UsageError(f"two policies are called {pack.name!r}", "name each policy once, and give each its name")
        packs.append(pack)
    return packs


def parse(raw: bytes, called: str) -> Pack:
    """The pack in the bytes of a file; error messages call it `called`. Raises as `load` does."""
    table = toml_table.parse(raw, called)
    # a misspelt key would silently leave something out of the policy
    table.reject_unknown_keys(_PACK_KEYS)
    is_quoted = table.read_flag("quotes", default=False)
    rulings: list[Ruling] = []
    for row in table.read_tables("rule"):
        rulings += _parse_entry(row, is_quoted=is_quoted)
    if not rulings:
        raise UsageError(f"{called} names no rule", "a policy without rules lets everything pass; add [[rule]] tables")
    _refuse_duplicates(rulings, called)
    _refuse_gaps(rulings, called)
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
        rulings=tuple(rulings),
        is_quoted=is_quoted,
        is_shipped=is_shipped,
        about=table.read_text("about") if "about" in table.values else "",
    )


def _read_shipped(name: str) -> bytes:
    return (resources.files("provenance.policy") / "packs" / f"{name}.toml").read_bytes()


def _parse_entry(row: TomlTable, *, is_quoted: bool) -> list[Ruling]:
    """The entry for each rule that it names: `id` is one id, or a list of them."""
    row.reject_unknown_keys(_RULE_KEYS)
    names = row.read_texts("id") if isinstance(row.values.get("id"), list) else (row.read_text("id"),)
    if not names:
        raise row.make_error("id", "must name a rule")
    clause = f"{row.read_text('clause')}: {row.read_text('says')}"
    severity, rules = row.read_choice("severity", Severity), load_all_rules()
    rulings = []
    for name in names:
        if name not in rules:
            raise UsageError(f"{row.where}: unknown rule {name!r}", toml_table.suggest(name, rules))
        parsed = conditions.parse(row)
        _refuse_conditions(row, rules[name], parsed)
        rulings.append(Ruling(name, severity, clause, is_quoted, parsed))
    return rulings


def _refuse_conditions(row: TomlTable, rule: RuleTexts, parsed: Conditions) -> None:
    """Raise for conditions that could never hold: they would silently leave something out of the policy."""
    if parsed.words and isinstance(rule, PackageRule):
        raise UsageError(f"{row.where}: {rule.id} takes no conditions", "it is about a package, not about a content")
    zones = dict(parsed.words).get("zone", (Zone.ARCHIVE,))
    if isinstance(rule, CutRule) and set(zones) != {Zone.ARCHIVE}:
        raise UsageError(
            f"{row.where}: {rule.id} takes no other zone than 'archive'",
            "of a source in a cut it is only known whether it is presented as archive",
        )


def _refuse_duplicates(rulings: list[Ruling], called: str) -> None:
    # of two severities for one rule and the same conditions nobody could say which one counts
    seen: set[tuple[str, Conditions]] = set()
    for ruling in rulings:
        if (ruling.rule, ruling.conditions) in seen:
            raise UsageError(
                f"{called} names {ruling.rule!r} twice",
                "keep the one with the severity that you mean, or give them different conditions",
            )
        seen.add((ruling.rule, ruling.conditions))


def _refuse_gaps(rulings: list[Ruling], called: str) -> None:
    """Raise for a rule that would not count everywhere where nothing is declared."""
    always = {ruling.rule for ruling in rulings if ruling.conditions == ALWAYS}
    for ruling in rulings:
        keys = ruling.conditions.declared_keys
        if keys and ruling.rule not in always:
            raise UsageError(
                f"{called} asks {ruling.rule!r} only where {' and '.join(keys)} is declared",
                f"what nobody declared would pass; add an entry for {ruling.rule!r} without conditions",
            )
