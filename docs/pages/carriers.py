"""Where files carry metadata: one section for each carrier."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance import registry
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier


def build_page() -> str:
    """The page, from the class texts of the carriers."""
    known = registry.load_members(carriers, Carrier)
    return markdown.build_page(
        "Carriers",
        "A carrier knows *where* a file carries text, and not what it means; the [signals](signals.md) know that. "
        "The program identifies the type of a file by its content, never by its name. It digests a file whose type no "
        "carrier reads and reports it as `unsupported`; plain text, XML, cut lists, fonts, certificates and hash lists "
        "need no carrier. Text that stands in the picture itself has the carrier `label`, and is read when somebody "
        "[looks for labels](../how-to/look-for-labels.md).",
        markdown.format_table(("carrier", "what it reads"), map(_build_row, known.values())),
        *map(_build_section, known.values()),
    )


def _build_row(carrier: Carrier) -> list[str]:
    return [f"[`{carrier.name}`](#{carrier.name})", markdown.escape_prose(carrier.title)]


def _build_section(carrier: Carrier) -> str:
    parts = [
        f"## {carrier.name}",
        markdown.escape_paragraphs(texts.get_docstring(type(carrier))),
        markdown.escape_paragraphs(texts.get_docstring(type(carrier).read)),
        f"Media types: {markdown.format_codes(sorted(carrier.media))}.",
    ]
    if carrier.sidecars:
        parts.append(f"Sidecars: {markdown.format_codes(carrier.sidecars)}, beside a file of any type.")
    return "\n\n".join([*parts, *proof.list_fixtures(carrier.name)])
