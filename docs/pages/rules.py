"""What a deliverable must not contain, and how severe the default pack considers it."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance.policy import packs
from provenance.policy.interface import RuleTexts
from provenance.policy.packs import Pack, Ruling
from provenance.settings import DEFAULT_POLICY


def build_page() -> str:
    """The page, from the class texts of the rules and the packs that come with the program."""
    pack = packs.load(DEFAULT_POLICY)
    rulings = {ruling.rule: ruling for ruling in pack.rulings}
    return markdown.build_page(
        "Rules",
        "A rule looks at one asset and yields its violations; the client's pack says how severe they are. A finding "
        "always names the evidence that it rests on. To write another rule: [add a rule](../how-to/add-a-rule.md); to "
        "weigh the rules differently: [add a client pack](../how-to/add-a-client-pack.md).",
        _build_pack(pack),
        *(_build_section(rule, rulings.get(rule.id)) for rule in packs.load_all_rules().values()),
    )


def _build_pack(pack: Pack) -> str:
    others = [name for name in packs.list_packs() if name != pack.name]
    about = (
        f"{markdown.escape_prose(pack.title)}. Version {pack.version}. Source: {markdown.escape_prose(pack.source)}. "
        "Every report names the pack and the SHA-256 of its text."
    )
    parts = [f"## The default pack: {pack.name}", about]
    if others:
        parts.append(f"Other packs that come with the program: {markdown.format_codes(others)}.")
    head = ("rule", "severity", "clause behind it, in our words")
    parts.append(markdown.format_table(head, map(_build_row, pack.rulings)))
    return "\n\n".join(parts)


def _build_row(ruling: Ruling) -> list[str]:
    return [f"[`{ruling.rule}`](#{ruling.rule})", ruling.severity, markdown.escape_prose(ruling.clause)]


def _build_section(rule: RuleTexts, ruling: Ruling | None) -> str:
    severity = f"`{ruling.severity}` in the default pack" if ruling else "in no shipped pack"
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
