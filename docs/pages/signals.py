"""What metadata means for the origin: one section for each signal."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance import registry
from provenance.evidence import signals
from provenance.evidence.interface import Signal


def build_page() -> str:
    """The page, from the class texts of the signals."""
    known = registry.load_members(signals, Signal)
    return markdown.build_page(
        "Signals",
        "A signal knows what one kind of metadata means for the origin of an asset, wherever a file carries it; the "
        "[carriers](carriers.md) know where. How much each kind of evidence counts: [evidence](../evidence.md). To "
        "teach the program another generator: [add a signal](../how-to/add-a-signal.md).",
        markdown.format_table(("signal", "what it understands"), map(_build_row, known.values())),
        *map(_build_section, known.values()),
    )


def _build_row(signal: Signal) -> list[str]:
    return [f"[`{signal.name}`](#{signal.name})", markdown.escape_prose(signal.title)]


def _build_section(signal: Signal) -> str:
    written_by = f"- **Written by:** {markdown.escape_prose(signal.written_by)}"
    trust = f"- **How far to trust it:** {markdown.escape_prose(signal.trust)}"
    traps = f"- **Traps:** {markdown.escape_prose(signal.traps)}"
    parts = [
        f"## {signal.name}",
        markdown.escape_paragraphs(texts.get_docstring(type(signal))),
        f"{written_by}\n{trust}\n{traps}",
        *proof.list_fixtures(signal.name),
        *proof.list_tests(f"tests/evidence/signals/test_{signal.name}.py"),
    ]
    return "\n\n".join(parts)
