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
        markdown.format_table(
            ("signal", "what it understands"),
            ((f"[`{name}`](#{name})", markdown.escape_prose(signal.title)) for name, signal in known.items()),
        ),
        *(_build_section(signal) for signal in known.values()),
    )


def _build_section(signal: Signal) -> str:
    texts_of_signal = {
        "Written by": signal.written_by,
        "How far to trust it": signal.trust,
        "Traps": signal.traps,
    }
    return "\n\n".join(
        [
            f"## {signal.name}",
            markdown.escape_paragraphs(texts.get_docstring(type(signal))),
            "\n".join(f"- **{about}:** {markdown.escape_prose(text)}" for about, text in texts_of_signal.items()),
            *proof.list_fixtures(signal.name),
            *proof.list_tests(f"tests/evidence/signals/test_{signal.name}.py"),
        ]
    )
