"""What the nodes of a graph used that generate: the prompts that flow into them, models, adapters, seeds and files.

A graph stores each of these in another node than the one that generates: a prompt in a text encoder, a model in a
loader, a seed in a noise node. So they are found by following the links upstream.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from provenance.evidence.text.generation_settings import find_media_names, make_usage
from provenance.evidence.text.graphs import Graph, Node
from provenance.evidence.text.node_roles import ANALYSER_CLASS, is_model_input
from provenance.evidence.text.parse_text import as_text
from provenance.model.evidence import Used

_POSITIVE = re.compile(r"positive|^pos(?:_|$)")
"""Inputs for the prompt."""
_NEGATIVE = re.compile(r"negative|^neg(?:_|$)")
"""Inputs for the negative prompt."""
_PASSES_WORDS = re.compile(r"cond|guider|pipe|prompt|text|string|value|ctx|context|^any|^\*?$")
"""Inputs through which a prompt flows on its way: as text, or already encoded. The input of a reroute has no name."""
_HOLDS_WORDS = re.compile(r"prompt|text|string|value|^clip_[lg]$|^t5xxl$|^tags$|^lyrics$")
"""Settings that can hold a prompt without being named for a side; models with two text encoders have one for each."""
_WORDS_CLASS = re.compile(r"text|string|prompt|wildcard|primitive", re.IGNORECASE)
"""Names of nodes whose settings hold words, for graphs in which settings have positions for names."""
_PASSES_MODEL = re.compile(r"^value$|ctx|context|^any|^\*?$")
"""Inputs through which a model flows on its way, beside those that are named for a model."""
_MODEL_SETTINGS = ("ckpt_name", "unet_name", "model_name", "model", "model_path", "base_model")
"""Names of the settings that hold the name of a model, the most exact first."""
_LOADER_CLASS = re.compile(
    r"checkpoint.*load|unet.*load|(?<!upscale)(?<!clip)(?<!style)model_?load|load.*(?:checkpoint|diffusion)",
    re.IGNORECASE,
)
"""Names of nodes that load a checkpoint or a diffusion model."""
_ADAPTER_CLASS = re.compile(
    r"lora|lycoris|control_?net|ip_?adapter|hypernet|t2i_?adapter|style_?model|embedding", re.IGNORECASE
)
"""Names of nodes that load or apply an adapter."""
_WEIGHT_FILE = re.compile(r"\S.*\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx)\Z|urn:air:", re.IGNORECASE)
"""A file of weights, or a model of Civitai by its AIR identifier."""
_SEED_INPUT = re.compile(r"seed$|^noise$")
_NUMBER_CLASS = re.compile(r"primitive|int|number|seed", re.IGNORECASE)
"""Names of nodes that only hold a number."""
_NUMBER_SETTINGS = ("value", "int", "number", "0")
"""Names of the setting of such a node; `0` is its first widget in a UI graph."""
_VAE_FILE = re.compile(r"(?:.*[\\/])?(?:(?:.*[_.\-])?v?ae\.\w+|vae[_.\-].*)", re.IGNORECASE)
"""A file of a VAE by its name; not a checkpoint with a `BakedVAE` in its name."""
_OUTPUT_CLASS = re.compile(r"save|preview|combine|show|note", re.IGNORECASE)
"""Names of nodes that write or show: the file names on them are not inputs."""
_NOT_FILE_SETTING = re.compile(r"prompt|text|positive|negative|preview|prefix")
"""Settings that can hold a file name without loading it: a prompt may contain `IMG_1.jpg`."""
_LONGEST_NAME = 1000
"""Characters of a value that are compared with the form of a file name."""
_NODES_WALKED = 64
"""Nodes on the way up to a prompt or a model; this also ends the search in a graph whose links form a cycle."""
_MOST_NODES = 16
"""Generating nodes of one graph whose prompts and seeds are collected."""


def make_usage_from_nodes(graph: Graph, nodes: Sequence[Node]) -> Used:
    """Collect what generating or enhancing nodes used, as far as the graph says.

    Prompts and seeds are those of these nodes, each once: a second sampler that refines a face has its own. Adapters
    and input files are those of the whole graph, and so are models as long as any node loads one.
    """
    nodes = nodes[:_MOST_NODES]
    # The definition of a group node holds old values; the current ones are on the group node itself.
    graph = {node_id: _drop_old_values(node) for node_id, node in graph.items()}
    nodes = [_drop_old_values(node) for node in nodes]
    models = [*_find_loaded_models(graph)]
    prompts: list[str] = []
    negative_prompts: list[str] = []
    seeds: list[str] = []
    for node in nodes:
        prompts.append(_find_prompt(graph, node, _POSITIVE, _NEGATIVE).strip())
        negative_prompts.append(_find_prompt(graph, node, _NEGATIVE, _POSITIVE).strip())
        seeds.append(_find_seed(graph, node))
        models.extend(_find_upstream_models(graph, node))
    # A node that asks a service names its model itself; all others get theirs from a loader.
    if not any(models):
        models = []
        for node in nodes:
            models.extend(_find_own_models(graph, node))
    return make_usage(
        _join_distinct(prompts, "\n"),
        negative=_join_distinct(negative_prompts, "\n"),
        model=models,
        adapters=_find_adapters(graph),
        seed=_join_distinct(seeds, ", "),
        inputs=_find_input_files(graph),
    )


def _drop_old_values(node: Node) -> Node:
    if node.is_template:
        return replace(node, values={})
    return node


def _join_distinct(texts: Sequence[str], separator: str) -> str:
    return separator.join(dict.fromkeys(text for text in texts if text))


def _find_prompt(graph: Graph, node: Node, side: re.Pattern[str], other_side: re.Pattern[str]) -> str:
    """Find the text nearest to a node on one side, positive or negative, breadth first along the links upstream.

        KSampler --positive--> ControlNetApply --conditioning--> CLIPTextEncode: text = "a harbour at dawn"

    The search is on the side as soon as it went through an input that is named for it (`positive`). From then on,
    inputs with neutral names (`conditioning`, `text`) belong to that side. Inputs of the other side are never entered.
    """
    # A node that has only one prompt calls it `prompt` or `text`, without a side: it is the positive one. So the search
    # for the positive prompt is on its side from the start, and the one for the negative prompt is not.
    waiting = deque([(node, side is _POSITIVE)])
    walked = 0
    while waiting and walked < _NODES_WALKED:
        current, is_on_side = waiting.popleft()
        walked += 1

        # 1. A text on the node itself ends the search.
        for name, value in current.values.items():
            if isinstance(value, str) and value.strip():
                is_neutral = _is_neutral_text(current, name) and not other_side.search(name)
                if side.search(name) or (is_on_side and is_neutral):
                    return value

        # 2. Otherwise it goes on upstream, through inputs of this side and through those that pass words on.
        for name, source in current.links.items():
            if source not in graph or other_side.search(name):
                continue
            is_of_side = bool(side.search(name))
            if is_of_side or _PASSES_WORDS.search(name):
                waiting.append((graph[source], is_on_side or is_of_side))
    return ""


def _is_neutral_text(node: Node, name: str) -> bool:
    """Whether a setting can hold a prompt without being named for a side."""
    # In a UI graph settings have positions for names; then the class has to say that it is about text.
    if name.isdecimal() and _WORDS_CLASS.search(node.class_type):
        return True
    return bool(_HOLDS_WORDS.search(name))


def _find_loaded_models(graph: Graph) -> Iterator[str]:
    """Find the models that loaders of checkpoints and diffusion models name."""
    # Loaders of LoRAs, ControlNets and detectors match as well, but these are not the model that generates.
    for node in graph.values():
        is_loader = bool(_LOADER_CLASS.search(node.class_type))
        is_other_loader = _ADAPTER_CLASS.search(node.class_type) or ANALYSER_CLASS.search(node.class_type)
        if is_loader and not is_other_loader:
            yield _name_loaded_model(node)


def _name_loaded_model(node: Node) -> str:
    """Name the model that a loader loads: by a setting that says so, by any file of weights, by its first widget."""
    for name in _MODEL_SETTINGS:
        model = as_text(node.values.get(name))
        if model:
            return model
    for file in _find_weight_files(node):
        return file
    return as_text(node.values.get("0"))


def _find_upstream_models(graph: Graph, node: Node) -> Iterator[str]:
    """Find the models on the way up from a node, whatever the nodes that load them are called."""
    # A node can be reached on two ways, so it is remembered by its identity.
    waiting, seen = deque([node]), {id(node)}
    while waiting and len(seen) <= _NODES_WALKED:
        current = waiting.popleft()
        for name, source in current.links.items():
            is_on_way = is_model_input(name) or bool(_PASSES_MODEL.search(name))
            upstream = graph.get(source)
            if is_on_way and upstream is not None and id(upstream) not in seen:
                seen.add(id(upstream))
                waiting.append(upstream)
                if not _ADAPTER_CLASS.search(upstream.class_type):
                    yield from _find_named_weights(upstream)


def _find_named_weights(node: Node) -> Iterator[str]:
    """Find the model that a node names: the first file of weights on it, best under a name that says so."""
    for name in _MODEL_SETTINGS:
        model = as_text(node.values.get(name))
        if _WEIGHT_FILE.match(model[:_LONGEST_NAME]):
            yield model
            return
    for file in _find_weight_files(node):
        if not _VAE_FILE.fullmatch(file):
            yield file
            return


def _find_own_models(graph: Graph, node: Node) -> Iterator[str]:
    """Find the models that a node names itself, as requests to a service do, or that are loaded for it alone."""
    # The name is a value on the node, or a file of weights on the one that feeds it.
    for name in _MODEL_SETTINGS:
        yield as_text(node.values.get(name))
    for name, source in node.links.items():
        if "model" in name and source in graph:
            yield from _find_weight_files(graph[source])


def _find_adapters(graph: Graph) -> Iterator[str]:
    for node in graph.values():
        if _ADAPTER_CLASS.search(node.class_type):
            yield from _find_weight_files(node)


def _find_weight_files(node: Node) -> Iterator[str]:
    """Find the files of weights that are set on a node, without those that are switched off."""
    # Nodes that stack LoRAs hold lists of objects: `{"on": true, "lora": "film.safetensors", "strength": 0.5}`.
    waiting = deque(node.values.values())
    while waiting:
        value = waiting.popleft()
        if isinstance(value, str) and _WEIGHT_FILE.match(value[:_LONGEST_NAME].strip()):
            yield value
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict) and value.get("on") is not False:
            waiting.extend(value.values())


def _find_seed(graph: Graph, node: Node) -> str:
    """Find the seed that is set on a node, or on the one that feeds it noise or a number."""
    candidates = [node]
    for name, source in node.links.items():
        if _SEED_INPUT.search(name) and source in graph:
            candidates.append(graph[source])
    for candidate in candidates:
        for name, value in candidate.values.items():
            if name.endswith("seed") or _is_number_setting(candidate, name):
                return as_text(value)
    return ""


def _is_number_setting(node: Node, name: str) -> bool:
    """Whether a setting is the number of a node that only holds a number."""
    return name in _NUMBER_SETTINGS and bool(_NUMBER_CLASS.search(node.class_type))


def _find_input_files(graph: Graph) -> Iterator[str]:
    """Find the pictures, movies and sounds that nodes are set to load."""
    for node in graph.values():
        if _OUTPUT_CLASS.search(node.class_type):
            continue
        settings = [value for name, value in node.values.items() if not _NOT_FILE_SETTING.search(name)]
        yield from find_media_names(settings)
