"""No signal raises, invents or takes long, whatever the text is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provenance.evidence.signals as package
from provenance.evidence.interface import Signal
from provenance.model.evidence import Statement
from provenance.registry import load_members
from tests.growth import TIMES, grows_in_step

SIGNALS = load_members(package, Signal)
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


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KEYS) | st.text(max_size=12), values), max_size=4))
def test_arbitrary_text_never_raises(pairs: list[tuple[str, str]]) -> None:
    for signal in SIGNALS.values():
        read(signal, *pairs)


@settings(max_examples=75, deadline=None)
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


SMALL = 128 * 1024
SAMPLER = {"class_type": "KSampler", "inputs": {"model": ["1", 0], "positive": ["2", 0]}}


def _repeated(text: str, opening: str = "") -> Callable[[int], str]:
    return lambda size: opening + text * (size // len(text))


def _nodes(size: int) -> str:
    nodes = {str(i): {"class_type": "Note", "inputs": {"a": [str(i + 1), 0]}} for i in range(size // 200)}
    return json.dumps(nodes)


def _samplers(size: int) -> str:
    return json.dumps(dict.fromkeys(map(str, range(size // 200)), SAMPLER))


def _subgraphs(size: int) -> str:
    chain = [{"id": f"s{number}", "nodes": [{"type": f"s{number + 1}"}]} for number in range(size // 100)]
    return json.dumps({"nodes": [{"type": "s0"}], "definitions": {"subgraphs": chain}})


LARGE = {
    "letters": _repeated("a"),
    "spaces": _repeated(" "),
    "lines": _repeated("Steps: 1\n"),
    "pairs": _repeated("Steps: 20, "),
    "negatives": _repeated("Negative prompt: "),
    "quotes": _repeated('Steps: 1, a: "'),
    "digits": _repeated("1"),
    "base64": _repeated("A", "Signature: "),
    "switches": _repeated("-s 1 "),
    "dashes": _repeated("--a "),
    "escapes": _repeated("\\", '{"prompt": "'),
    "class types": _repeated('{"class_type": "x", "inputs'),
    "labels": _repeated("AIGC "),
    "products": _repeated('{"product": "a", "aigc_info": '),
    "nodes": _nodes,
    "samplers": _samplers,
    "subgraphs": _subgraphs,
}
"""A value of about so many characters."""


@pytest.mark.parametrize("name", LARGE)
def test_work_grows_with_the_value_and_not_faster(name: str) -> None:
    small, large = LARGE[name](SMALL), LARGE[name](TIMES * SMALL)
    for signal in SIGNALS.values():
        for key in ("UserComment", "Dream", "AIGC"):
            pairs = [(key, small)], [(key, large)]
            assert grows_in_step(*(partial(read, signal, *pair) for pair in pairs)), f"{signal.name} on {key}"


def test_work_grows_with_the_statements_and_not_faster() -> None:
    few, many = ([(f"key {number}", "value") for number in range(count)] for count in (500, TIMES * 500))
    for signal in SIGNALS.values():
        assert read(signal, *many) == 0
        assert grows_in_step(partial(read, signal, *few), partial(read, signal, *many)), signal.name
