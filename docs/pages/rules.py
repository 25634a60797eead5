"""What a deliverable must not contain, and how severe the default pack considers it."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance.policy import packs
from provenance.policy.interface import Rule
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
        *(_build_section(rule, rulings.get(rule.id)) for rule in packs.load_rules().values()),
    )


def _build_pack(pack: Pack) -> str:
    rows = []
    for ruling in pack.rulings:
        rows.append([f"[`{ruling.rule}`](#{ruling.rule})", ruling.severity, markdown.escape_prose(ruling.clause)])
    others = [name for name in packs.list_packs() if name != pack.name]
    more = ""
    if others:
        more = f"Other packs that come with the program: {markdown.format_codes(others)}.\n\n"
    return (
        f"## The default pack: {pack.name}\n\n{markdown.escape_prose(pack.title)}. Version {pack.version}. Source: "
        f"{markdown.escape_prose(pack.source)}. Every report names the pack and the SHA-256 of its text.\n\n{more}"
        + markdown.format_table(("rule", "severity", "clause behind it, paraphrased"), rows)
    )


def _build_section(rule: Rule, ruling: Ruling | None) -> str:
    severity = f"`{ruling.severity}` in the default pack" if ruling else "in no shipped pack"
    approval = "An approval of exactly this content waives it." if rule.waivable else "No approval waives it."
    return "\n\n".join(
        [
            f"## {rule.id}",
            f"**{markdown.escape_prose(rule.title)}**, {severity}. {markdown.escape_paragraphs(texts.get_docstring(type(rule)))}",
            f"- **Why:** {markdown.escape_prose(rule.why)}\n- **What to do:** {markdown.escape_prose(rule.remedy)} {approval}",
            *proof.list_fixtures(rule.name),
            *proof.list_tests(f"tests/policy/rules/test_{rule.name}.py"),
        ]
    )
