"""What a deliverable must not contain, and how severe the default pack considers it."""

from __future__ import annotations

from collections.abc import Sequence

from docs import markdown, proof, texts
from provenance.policy import packs
from provenance.policy.interface import RuleTexts
from provenance.policy.packs import Ruling
from provenance.settings import DEFAULT_POLICY


def build_page() -> str:
    """The page, from the class texts of the rules and the packs that come with the program."""
    pack = packs.load(DEFAULT_POLICY)
    return markdown.build_page(
        "Rules",
        "A rule looks at one asset and yields its violations; the client's pack says how severe they are. A finding "
        "always names the evidence that it rests on. To write another rule: [add a rule](../how-to/add-a-rule.md); to "
        "weigh the rules differently: [write a policy pack](../how-to/write-a-policy-pack.md). What each shipped pack "
        "asks is on [its page](packs.md).",
        *(_build_section(rule, pack.by_rule.get(rule.id, ())) for rule in packs.load_all_rules().values()),
    )


def _build_section(rule: RuleTexts, rulings: Sequence[Ruling]) -> str:
    severity = "not asked by the default pack"
    for ruling in rulings:
        if not ruling.conditions.words:
            severity = f"`{ruling.severity}` in the default pack"
    if len(rulings) > 1:
        severity += ", and otherwise under conditions"
    approval = "An approval of exactly this content waives it." if rule.waivable else "No approval waives it."
    text = markdown.escape_paragraphs(texts.get_docstring(type(rule)))
    why = f"- **Why:** {markdown.escape_prose(rule.why)}"
    remedy = f"- **What to do:** {markdown.escape_prose(rule.remedy)} {approval}"
    parts = [
        f"## {rule.id}",
        f"**{markdown.escape_prose(rule.title)}**, {severity}. {text}",
        f"{why}\n{remedy}",
        *proof.list_fixtures(rule.name),
        *proof.list_tests(f"tests/policy/rules/test_{rule.name}.py"),
    ]
    return "\n\n".join(parts)
