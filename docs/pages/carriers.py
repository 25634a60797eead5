"""Where words stand in files: one section for each carrier."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance import registry
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier


def page() -> str:
    """The page, from the class texts of the carriers."""
    known = registry.members(carriers, Carrier)
    return markdown.page(
        "Carriers",
        "A carrier knows *where* words are written in a file, and nothing of what they mean; "
        "what they mean is for the [signals](signals.md). A file's type is told by its content, never by its name. "
        "A file whose type no carrier reads is digested and told as `unsupported`; plain text, XML, cut lists, fonts, "
        "certificates and hash lists need no carrier.",
        markdown.table(
            ("carrier", "what it reads"),
            ((f"[`{name}`](#{name})", markdown.prose(carrier.title)) for name, carrier in known.items()),
        ),
        *(_section(carrier) for carrier in known.values()),
    )


def _section(carrier: Carrier) -> str:
    parts = [
        f"## {carrier.name}",
        markdown.paragraphs(texts.said(type(carrier))),
        markdown.paragraphs(texts.said(type(carrier).read)),
        f"Media types: {markdown.codes(sorted(carrier.media))}.",
    ]
    if carrier.sidecars:
        parts.append(f"Sidecars: {markdown.codes(carrier.sidecars)}, beside a file of any type.")
    return "\n\n".join([*parts, *proof.fixtures(carrier.name)])
