"""Every signal: texts for its page, and no text in the world makes it raise or say something that is no evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance import registry
from provenance.evidence import signals
from provenance.evidence.interface import Signal
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing

MEMBERS = registry.load_members(signals, Signal) if registry.list_names(signals) else {}
pytestmark = pytest.mark.skipif(not MEMBERS, reason="there is no signal yet")
everyone = pytest.mark.parametrize("signal", MEMBERS.values(), ids=MEMBERS)

KEYS = ["parameters", "prompt", "workflow", "UserComment", "Software", "Iptc4xmpExt:DigitalSourceType", "Comment"]
KEYS += [
    "c2pa.created/digitalSourceType",
    "c2pa.actions",
    "Iptc4xmpExt:AISystemUsed",
    "postprocessing",
    "AIGC",
    "",
    ":",
]
WORDS = ["Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1", "\nNegative prompt: ", "trainedAlgorithmicMedia", "NaN"]
WORDS += [
    "http://cv.iptc.org/newscodes/digitalsourcetype/",
    '{"3": {"class_type": "KSampler", "inputs": ',
    "[[]]",
    "\x00",
]

texts = st.text(max_size=60) | st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=6).map("".join)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["class_type", "inputs", "nodes", "type", "1", "links"]) | texts, inner, max_size=4
        )
    ),
    max_leaves=12,
)
statements = st.builds(
    Statement,
    carrier=st.sampled_from(["png", "exif", "xmp", "c2pa", "av"]),
    where=st.text(max_size=10),
    key=st.sampled_from(KEYS) | texts,
    value=texts | trees.map(json.dumps),
    standing=st.sampled_from(Standing),
    about=st.sampled_from(About),
)


def is_evidence(row: object, signal: Signal, rows: Sequence[Statement]) -> bool:
    """Whether it names its signal, the place of a statement that was there, and says why it counts."""
    return (
        isinstance(row, Evidence)
        and row.signal == signal.name
        and isinstance(row.origin, Origin)
        and isinstance(row.standing, Standing)
        and any((row.carrier, row.where) == (said.carrier, said.where) for said in rows)
        and (row.tool is None or isinstance(row.tool, str))
        and bool(row.detail.strip())
    )


@everyone
def test_texts_are_there(signal: Signal) -> None:
    assert signal.title
    for text in (signal.written_by, signal.trust, signal.traps):
        assert len(text.split()) > 3
        assert text.endswith(".")


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(statements, max_size=5))
def test_any_statements_give_evidence_or_nothing(rows: list[Statement]) -> None:
    # Making the statements up takes longest: every signal reads the same ones.
    for signal in MEMBERS.values():
        for row in signal.read(rows):
            assert is_evidence(row, signal, rows), (signal.name, row)


@everyone
def test_deep_and_long_texts_do_no_harm(signal: Signal) -> None:
    values = ["[" * 100_000, '{"a":' * 50_000, "Steps: 1, " * 50_000, " " * 500_000, "(" * 200_000, "9" * 10_000]
    rows = [Statement("png", f"chunk {key}", key, value) for key in KEYS for value in values]
    for row in signal.read(rows):
        assert is_evidence(row, signal, rows), row


@everyone
def test_what_is_said_of_another_thing_is_no_evidence_of_this(signal: Signal) -> None:
    for about in (About.INPUT, About.REMOVED):
        rows = [Statement("png", "chunk", key, word * 2, about=about) for key in KEYS for word in WORDS]
        assert list(signal.read(rows)) == []
