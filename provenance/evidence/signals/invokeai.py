"""InvokeAI, with the keys of all its versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, find_media_names, find_names, make_usage
from provenance.evidence.text.graphs import Graph, Node
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.node_settings import make_usage_from_nodes
from provenance.evidence.text.parse_text import (
    as_object,
    as_objects,
    as_text,
    normalise_key,
    parse_json_object,
    shorten,
)  # fmt: skip
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_SWITCH = re.compile(r"(?:^|\s)-(?:([sSWHCf]) ?-?\d[\d.]*|A ?([a-z_0-9+]+))(?=\s|$)")
"""A switch of the `Dream` command line: steps, seed, width, height, guidance, strength, or the sampler (`-A k_lms`)."""
_LEAST_SWITCHES = 3
"""Different switches that make a text a command line."""
_INPUT_SWITCH = re.compile(r"(?:^|\s)-[IM] ?(\"[^\"]{1,500}\"|\S{1,500})")
"""The switches for an input picture and a mask."""
_COMMAND_TAIL = 4096
"""Characters at the end of a command that are searched for switches."""
_APP_IDS = frozenset({"invoke-ai/invokeai", "lstein/stable-diffusion"})
_REFERENCES = ("controlnets", "ipAdapters", "t2iAdapters", "refImages", "reference_images")
"""Settings of version 3 and later that name an adapter together with its picture."""
_ADAPTER_FIELDS = ("lora", "control_model", "ip_adapter_model", "t2i_adapter_model")
"""Fields of nodes that name an adapter."""
_GENERATING_NODE = re.compile(r"denoise|generat|^(?:t2l|l2l|txt2img|img2img|inpaint)$")
_ENHANCING_NODE = re.compile(r"esrgan|spandrel|upscale")


class Invokeai(Signal):
    """Recognised by the keys of InvokeAI's versions, each with the structure of that version."""

    name = "invokeai"
    title = "InvokeAI metadata"
    written_by = (
        "InvokeAI in PNG text: `invokeai_metadata`, `invokeai_graph` and `invokeai_workflow` since version 3, "
        "`sd-metadata` in version 2, `Dream` (a command line) in the first."
    )
    trust = (
        "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes it by hand. It is the same for "
        "inpainting and outpainting."
    )
    traps = (
        "A text under the key `Dream` without the switches of the command line is not a command. A graph that only "
        "resizes or pastes is not a generation; one that only enlarges with a trained model is reported as enhanced."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every key of InvokeAI whose content has the form that InvokeAI writes."""
        for statement in select_visible(statements):
            reader = _READERS.get(normalise_key(statement.key))
            generation = None
            if reader:
                generation = reader(statement.value)
            if generation:
                used = generation.used
                tool = f"InvokeAI {used.version or ''}".strip()
                yield make_evidence(self.name, statement, generation.origin, generation.detail, tool=tool, used=used)


class _Generation(NamedTuple):
    origin: Origin
    detail: str
    used: Used


def _make_generation(used: Used) -> _Generation:
    detail = add_usage("The file contains the settings of a generation by InvokeAI", used)
    return _Generation(Origin.GENERATED, detail, used)


def _read_metadata(text: str) -> _Generation | None:
    """Read `invokeai_metadata`: one flat object of settings."""
    metadata = parse_json_object(text)
    prompt = as_text(metadata.get("positive_prompt"))
    seed = as_text(metadata.get("seed"))
    # The key alone is not enough: the object has to describe a generation.
    has_seed_and_settings = bool(seed) and bool(metadata.get("steps") or metadata.get("model"))
    if not (prompt or metadata.get("generation_mode") or has_seed_and_settings):
        return None
    adapters = list(find_names(metadata.get("loras")))
    for key in _REFERENCES:
        adapters.extend(find_names(metadata.get(key)))
    # A prompt may contain the name of a file without using it.
    without_prompts = {key: value for key, value in metadata.items() if "prompt" not in key}
    used = make_usage(
        prompt,
        negative=as_text(metadata.get("negative_prompt")),
        model=[*find_names(metadata.get("model")), *find_names(metadata.get("refiner_model"))],
        adapters=adapters,
        seed=seed,
        inputs=find_media_names(without_prompts),
        version=as_text(metadata.get("app_version")),
    )
    return _make_generation(used)


def _read_sd_metadata(text: str) -> _Generation | None:
    """Read `sd-metadata` of version 2: the program and its model, with the settings of the picture under `image`."""
    metadata = parse_json_object(text)
    image = as_object(metadata.get("image"))
    is_invokeai = as_text(metadata.get("app_id")).casefold() in _APP_IDS
    has_settings = "prompt" in image and "sampler" in image
    if not is_invokeai and not has_settings:
        return None
    # The prompt is a text, or a list of weighted prompts: `[{"prompt": "a cat", "weight": 1}]`.
    prompt = as_text(image.get("prompt"))
    weighted_prompts = as_objects(image.get("prompt"))
    if weighted_prompts:
        prompt = as_text(weighted_prompts[0].get("prompt"))
    used = make_usage(
        prompt,
        model=as_text(metadata.get("model_weights")) or as_text(metadata.get("model")),
        seed=as_text(image.get("seed")),
        inputs=find_media_names([image.get("init_img"), image.get("init_mask")]),
        version=as_text(metadata.get("app_version")),
    )
    return _make_generation(used)


def _read_dream(text: str) -> _Generation | None:
    """Read `Dream` of version 1: a command line, `"a harbour at dawn" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms`."""
    tail = text[-_COMMAND_TAIL:]
    switches = list(_SWITCH.finditer(tail))
    letters = {match[1] or "A" for match in switches}
    if len(letters) < _LEAST_SWITCHES:
        return None
    # In a longer text the beginning of the tail is in the middle of the prompt.
    prompt = text
    if len(text) <= _COMMAND_TAIL:
        prompt = text[: switches[0].start()]
    seed = ""
    for match in switches:
        if match[1] == "S":
            seed = match[0].split("S", 1)[1]
            break
    inputs = [match[1].strip('"') for match in _INPUT_SWITCH.finditer(tail)]
    return _make_generation(make_usage(prompt.strip(' "'), seed=seed, inputs=inputs))


def _read_graph(text: str) -> _Generation | None:
    """Read `invokeai_graph` or `invokeai_workflow`.

    The graph is what was executed: `{"nodes": {"<id>": {"type": "denoise_latents", "model": {...}}}}`. The workflow is
    what was on the screen: `{"nodes": [{"data": {"type": "denoise_latents", "inputs": {"model": {"value": {...}}}}}]}`.
    """
    document = parse_json_object(text)
    nodes = _list_nodes(document.get("nodes"))
    types = [as_text(as_object(node.get("data")).get("type")) or as_text(node.get("type")) for node in nodes]
    # Generation outweighs enhancement: many graphs enlarge the picture that they generated.
    for node_type in types:
        if _GENERATING_NODE.search(node_type):
            detail = f'The file contains an InvokeAI graph whose node "{shorten(node_type, 60)}" generates.'
            return _Generation(Origin.GENERATED, detail, _add_prompts(_make_usage_from_nodes(nodes), document))
    for node_type in types:
        if _ENHANCING_NODE.search(node_type):
            detail = (
                f'The file contains an InvokeAI graph whose node "{shorten(node_type, 60)}" enlarges with a trained '
                "model."
            )
            return _Generation(Origin.ENHANCED, detail, _make_usage_from_nodes(nodes))
    return None


def _list_nodes(nodes: object) -> list[Mapping[str, object]]:
    if isinstance(nodes, dict):
        return [as_object(node) for node in nodes.values()]
    return as_objects(nodes)


def _make_usage_from_nodes(nodes: Sequence[Mapping[str, object]]) -> Used:
    """Collect models, adapters and inputs from the fields of nodes."""
    models: list[str] = []
    adapters: list[str] = []
    inputs: list[str] = []
    for node in nodes:
        fields = as_object(as_object(node.get("data")).get("inputs")) or node
        models.extend(find_names(_get_setting(fields, "model")))
        for key in _ADAPTER_FIELDS:
            adapters.extend(find_names(_get_setting(fields, key)))
        inputs.extend(find_media_names(_get_setting(fields, "image")))
    return make_usage(model=models, adapters=adapters, inputs=inputs)


def _add_prompts(used: Used, document: Mapping[str, object]) -> Used:
    """Add prompts and seeds, which are in nodes that flow into the generating ones: positive and negative alike."""
    graph = _parse_graph(document)
    generating = [node for node in graph.values() if _GENERATING_NODE.search(node.class_type)]
    flowing = make_usage_from_nodes(graph, generating)
    return replace(used, prompt=flowing.prompt, negative_prompt=flowing.negative_prompt, seed=flowing.seed)


def _parse_graph(document: Mapping[str, object]) -> Graph:
    """Parse both forms of a graph; edges name their ends by `node_id` and `field`, or by `target` alone."""
    graph: Graph = {}
    for entry in _list_nodes(document.get("nodes")):
        data = as_object(entry.get("data")) or entry
        fields = as_object(data.get("inputs")) or data
        values = {name: _get_setting(fields, name) for name in fields}
        graph[as_text(entry.get("id"))] = Node(as_text(data.get("type")), values)
    for edge in as_objects(document.get("edges")):
        source, target = as_object(edge.get("source")), as_object(edge.get("destination"))
        source_id = as_text(source.get("node_id")) or as_text(edge.get("source"))
        target_id = as_text(target.get("node_id")) or as_text(edge.get("target"))
        name = as_text(target.get("field")) or as_text(edge.get("targetHandle"))
        if target_id in graph:
            graph[target_id].links[name] = source_id
            # A field whose input is linked keeps its old value in the file, but the linked one is used.
            graph[target_id].values.pop(name, None)
    return graph


def _get_setting(fields: Mapping[str, object], name: str) -> object:
    """Return what a field of a node is set to; workflows wrap it in an object, `{"value": ...}`."""
    field = fields.get(name)
    return as_object(field).get("value", field)


_READERS: Mapping[str, Callable[[str], _Generation | None]] = {
    "invokeai_metadata": _read_metadata,
    "invokeai_graph": _read_graph,
    "invokeai_workflow": _read_graph,
    "sd-metadata": _read_sd_metadata,
    "dream": _read_dream,
}
