"""What words mean: one section for each signal."""

from __future__ import annotations

from docs import markdown, proof, texts
from provenance import registry
from provenance.evidence import signals
from provenance.evidence.interface import Signal


def page() -> str:
    """The page, from the class texts of the signals."""
    known = registry.members(signals, Signal)
    return markdown.page(
        "Signals",
        "A signal knows what one kind of words means for the origin of an asset, wherever they stand; where that is, "
        "is for the [carriers](carriers.md). What counts how much: [evidence](../evidence.md). To teach the program "
        "another generator: [add a signal](../how-to/add-a-signal.md).",
        markdown.table(
            ("signal", "what it understands"),
            ((f"[`{name}`](#{name})", markdown.prose(signal.title)) for name, signal in known.items()),
        ),
        *(_section(signal) for signal in known.values()),
    )


def _section(signal: Signal) -> str:
    told = (("Written by", signal.written_by), ("How far to trust it", signal.trust), ("Traps", signal.traps))
    return "\n\n".join(
        [
            f"## {signal.name}",
            markdown.paragraphs(texts.said(type(signal))),
            "\n".join(f"- **{about}:** {markdown.prose(text)}" for about, text in told),
            *proof.fixtures(signal.name),
            *proof.tests(f"tests/evidence/signals/test_{signal.name}.py"),
        ]
    )
