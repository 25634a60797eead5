"""What a deliverable must not have, and how grave the default pack takes it."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance.policy import packs
from provenance.policy.interface import Rule
from provenance.policy.packs import Pack, Ruling
from provenance.settings import DEFAULT_POLICY


def page() -> str:
    """The page, from the class texts of the rules and the packs that come with the program."""
    pack = packs.load(DEFAULT_POLICY)
    rulings = {ruling.rule: ruling for ruling in pack.rulings}
    return markdown.page(
        "Rules",
        "A rule looks at one asset and says what is broken. How grave that is, the client's pack says. "
        "A finding always names the evidence it rests on. To write another one: [add a rule](../how-to/add-a-rule.md); "
        "to weigh them otherwise: [add a client pack](../how-to/add-a-client-pack.md).",
        _pack(pack),
        *(_section(rule, rulings.get(rule.id)) for rule in packs.known_rules().values()),
    )


def _pack(pack: Pack) -> str:
    rows = (
        [f"[`{ruling.rule}`](#{ruling.rule})", ruling.severity, markdown.prose(ruling.clause)]
        for ruling in pack.rulings
    )
    others = [name for name in packs.names() if name != pack.name]
    more = f"Other packs that come with the program: {markdown.codes(others)}.\n\n" if others else ""
    return (
        f"## The default pack: {pack.name}\n\n{markdown.prose(pack.title)}. Version {pack.version}; after: "
        f"{markdown.prose(pack.source)}. Every report names the pack and the SHA-256 of its text.\n\n{more}"
        + markdown.table(("rule", "severity", "clause that it serves, in our words"), rows)
    )


def _section(rule: Rule, ruling: Ruling | None) -> str:
    graveness = f"`{ruling.severity}` in the default pack" if ruling else "in no shipped pack"
    let = "An approval of exactly this content lets it through." if rule.waivable else "No approval lets it through."
    return "\n\n".join(
        [
            f"## {rule.id}",
            f"**{markdown.prose(rule.title)}**, {graveness}. {markdown.paragraphs(texts.said(type(rule)))}",
            f"- **Why:** {markdown.prose(rule.why)}\n- **What to do:** {markdown.prose(rule.remedy)} {let}",
            *proof.fixtures(rule.name),
            *proof.tests(f"tests/policy/rules/test_{rule.name}.py"),
        ]
    )
