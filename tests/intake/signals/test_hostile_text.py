"""No signal raises, invents or takes long, whatever the text is."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance.intake.signals as package
from provenance.intake.family import Signal
from provenance.model import Statement
from provenance.registry import members

SIGNALS = members(package, Signal)
KEYS = [
    "parameters", "prompt", "workflow", "comf", "sd-metadata", "Dream", "invokeai_graph", "invokeai_metadata",
    "UserComment", "ImageDescription", "Make", "Model", "Software", "Artist", "MakerNote", "Comment", "Description",
    "Title", "Source", "AIGC", "videoai", "hf-job-id", "postprocessing", "fooocus_scheme", "WOAS",
    "use_stable_diffusion_model", "seed", "photoshop:Credit", "xmp:CreatorTool", "Iptc4xmpExt:AISystemUsed",
    "Iptc4xmpExt:DigitalSourceType", "PhotoEditor_Re_Edit_Data", "c2pa.created/digitalSourceType",
]  # fmt: skip
WORDS = [
    "class_type", "inputs", "nodes", "links", "id", "type", "mode", "widgets_values", "definitions", "subgraphs",
    "extra", "groupNodes", "model", "positive", "seed", "steps", "prompt", "AIGC", "Label", "sui_image_params", "image",
    "KSampler", "extraMetadata", "app_id", "Comment", "uc", "sampler", "c", "link", "name", "external", "outputs",
]  # fmt: skip

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)
pieces = st.sampled_from(
    ["Steps: 20, ", "Sampler: Euler a, ", "CFG scale: 7, ", "Seed: 1", "\n", "Negative prompt: ", "Job ID: ", '"', "\\",
     "{", "}", "[", "AIGC{", "prompt:", "Signature: ", "\0", "\ud800", "--v 6 ", "-s 50 -S 1 -W 2 -A x "]
)  # fmt: skip
values = (
    st.text(max_size=200) | trees.map(json.dumps) | st.lists(pieces | st.text(max_size=5), max_size=20).map("".join)
)


def read(signal: Signal, *pairs: tuple[str, str]) -> int:
    """How many pieces of evidence; each of them must be printable."""
    evidence = list(signal.read([Statement("png", "somewhere", key, value) for key, value in pairs]))
    for row in evidence:
        (row.detail + (row.tool or "")).encode("utf-8")
        if row.used:
            parts = (getattr(row.used, field.name) for field in dataclasses.fields(row.used))
            "".join("".join(part or "") for part in parts).encode("utf-8")
        assert row.signal == signal.name
    return len(evidence)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KEYS) | st.text(max_size=12), values), max_size=4))
def test_arbitrary_text_never_raises(pairs: list[tuple[str, str]]) -> None:
    for signal in SIGNALS.values():
        read(signal, *pairs)


@settings(max_examples=150, deadline=None)
@given(trees, st.sampled_from(KEYS))
def test_arbitrary_graphs_never_raise(tree: object, key: str) -> None:
    node = {"class_type": tree, "inputs": tree, "type": tree, "mode": tree, "widgets_values": tree, "id": tree}
    graphs = (
        {"1": {**node, "class_type": "KSampler"}},
        {"nodes": [node, {"type": "KSampler"}], "links": tree, "extra": tree},
    )
    for graph in (*graphs, {"nodes": [node], "definitions": {"subgraphs": [{"nodes": [tree], "id": tree}]}}):
        for signal in SIGNALS.values():
            read(signal, (key, json.dumps(graph)))


@pytest.mark.parametrize(
    "opening", ["[", '{"a":', '{"nodes":[', '{"AIGC":', '{"1":{"class_type":"x","inputs":', '{"prompt":']
)
def test_deep_nesting_is_no_evidence_and_no_error(opening: str) -> None:
    for signal in SIGNALS.values():
        for key in KEYS[:18]:
            assert read(signal, (key, opening * 50_000)) == 0


MIB = 1024 * 1024
SAMPLER = {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0]}}
CHAIN = [{"id": f"s{number}", "nodes": [{"type": f"s{number + 1}"}]} for number in range(40_000)]
LARGE = {
    "letters": "a" * (4 * MIB),
    "spaces": " " * (4 * MIB),
    "lines": "Steps: 1\n" * (4 * MIB // 9),
    "pairs": "Steps: 20, " * (4 * MIB // 11),
    "negatives": "Negative prompt: " * (4 * MIB // 17),
    "quotes": 'Steps: 1, a: "' * (4 * MIB // 14),
    "digits": "1" * (4 * MIB),
    "base64": "Signature: " + "A" * (4 * MIB),
    "switches": "-s 1 " * (4 * MIB // 5),
    "dashes": "--a " * MIB,
    "escapes": '{"prompt": "' + "\\" * (4 * MIB),
    "class types": '{"class_type": "x", "inputs' * (4 * MIB // 27),
    "labels": "AIGC " * (4 * MIB // 5),
    "products": '{"product": "a", "aigc_info": ' * (4 * MIB // 30),
    "nodes": json.dumps({str(i): {"class_type": "Note", "inputs": {"a": [str(i + 1), 0]}} for i in range(30_000)}),
    "samplers": json.dumps({str(i): SAMPLER for i in range(20_000)}),
    "subgraphs": json.dumps({"nodes": [{"type": "s0"}], "definitions": {"subgraphs": CHAIN}}),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_values_are_fast(name: str) -> None:
    for signal in SIGNALS.values():
        for key in ("UserComment", "Dream", "AIGC"):
            start = time.process_time()
            read(signal, (key, LARGE[name]))
            assert time.process_time() - start < 1.0, f"{signal.name} on {key}"


def test_many_statements_are_fast() -> None:
    pairs = [(f"key {number}", "value") for number in range(20_000)]
    start = time.process_time()
    for signal in SIGNALS.values():
        assert read(signal, *pairs) == 0
    assert time.process_time() - start < 5.0
