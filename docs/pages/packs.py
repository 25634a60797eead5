"""The policy packs that come with the program: what each asks, after which guidance, and in which version."""

from __future__ import annotations

from docs import markdown
from provenance.policy import conditions, packs
from provenance.policy.packs import Pack, Ruling
from provenance.settings import DEFAULT_POLICY


def build_page() -> str:
    """The overview; each pack has a page of its own."""
    shipped = [packs.load(name) for name in packs.list_packs()]
    return markdown.build_page(
        "Policy packs",
        "A pack says which rules apply, how severe a violation is, under which conditions, and which clause of whose "
        "guidance is behind it. Choose with `--policy NAME`, several with several `--policy`; the default is "
        f"`{DEFAULT_POLICY}`. The clauses are in the words of the pack, not of the client or the law, and no pack is "
        "legal advice. To write one of your own: [write a policy pack](../how-to/write-a-policy-pack.md).",
        markdown.format_table(("pack", "version", "what it is about"), map(_build_overview_row, shipped)),
        "## Conditions",
        "An entry counts where all its conditions hold. These keys may be in an entry, each with one word or a list of "
        "words of which one must fit:",
        markdown.format_table(("key", "words"), [*_list_words(), _TERRITORY_ROW]),
    )


def build_parts() -> dict[str, str]:
    """The page of each pack, by its file name."""
    return {f"pack-{name}.md": _build_pack(packs.load(name)) for name in packs.list_packs()}


_TERRITORY_ROW = [f"`{conditions.TERRITORY}`", "country codes of two letters (ISO 3166): `CN`; `world`"]


def _list_words() -> list[list[str]]:
    return [[f"`{key}`", markdown.format_codes(choices)] for key, choices in conditions.CHOICES.items()]


def _build_overview_row(pack: Pack) -> list[str]:
    link = markdown.format_link(markdown.format_code(pack.name), f"pack-{pack.name}.md")
    return [link, pack.version, markdown.escape_prose(pack.title)]


def _build_pack(pack: Pack) -> str:
    not_asked = [f"[`{row.rule}`](rules.md#{row.rule})" for row in pack.identity.not_asked]
    head = ("rule", "where", "severity", "clause behind it")
    words = "quoted" if pack.is_quoted else "in our words"
    return markdown.build_page(
        f"Pack {pack.name}",
        f"**{markdown.escape_prose(pack.title)}.** Version {pack.version}. [All packs](packs.md).",
        f"Source: {markdown.escape_prose(pack.source)}. The clauses below are {words}.",
        markdown.escape_paragraphs(pack.about),
        f"Use it with `--policy {pack.name}`. Every report names the pack, its version and the SHA-256 of its text.",
        markdown.format_table(head, map(_build_row, pack.rulings)),
        f"Not asked by this pack: {', '.join(not_asked)}." if not_asked else "",
    )


def _build_row(ruling: Ruling) -> list[str]:
    where = ", ".join(ruling.conditions.describe()) or "everywhere else"
    return [
        f"[`{ruling.rule}`](rules.md#{ruling.rule})",
        markdown.escape_prose(where),
        ruling.severity,
        markdown.escape_prose(ruling.clause),
    ]
