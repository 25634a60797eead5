"""Which nodes of a graph generate: told by what they take and give, so that nodes of unknown packs count too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from provenance.intake.graphs import Graph, Node
from provenance.intake.words import plain, used

_SAMPLER = re.compile(r"(?<!re)(?<!up)(?<!down)(?<!over)(?<!sub)sample", re.IGNORECASE)
_HELPER = re.compile(r"scheduler|save|preview|show|metadata|merge|patch|control_?net|loader", re.IGNORECASE)
_LOOKING = re.compile(
    r"segment|clipseg|dino|^sam\d|yolo|detect|mask|caption|florence|interrogat|tagger|describe", re.IGNORECASE
)
_MODEL = re.compile(r"(?:^|_)(?:model|pipe|pipeline|unet|transformer|dit|guider)\d?$")
_OTHER_MODEL = re.compile(r"upscale|sam|dino|vision|style|clip|detect|bbox|segm|vae|lora")
_MEDIA = re.compile(r"^(?:image|img|pixel|frame|video|audio|latent|samples)")
_CONCEPTS = tuple(
    map(
        re.compile,
        (
            r"seed$",
            r"steps$",
            r"^cfg|^guidance",
            r"sampler|scheduler|^sigmas",
            r"^denois",
            r"^positive|^negative|conditioning|text_embeds|prompt",
            r"latent",
        ),
    )
)
_REQUEST = re.compile(r"seed|model|ratio|size|resolution|duration|quality|negative|style|width|strength")
_TRAINED = re.compile(r"upscale.*model|esrgan|topaz|seedvr|supir|swinir|gfpgan|codeformer|facerestore", re.IGNORECASE)
_WAY_TO_PROMPT = re.compile(r"^positive|conditioning|guider|pipe|prompt|text|string|value")
_NAMES_OF_MODELS = ("ckpt_name", "unet_name", "model_name", "model", "model_path", "base_model")
_LOADS_MODEL = re.compile(
    r"checkpoint.*load|unet.*load|(?<!upscale)(?<!clip)(?<!style)model_?load|load.*(?:checkpoint|diffusion)",
    re.IGNORECASE,
)
_WALKED = 64


def generating(graph: Graph) -> Iterator[Node]:
    """Nodes that make pictures, movies or sound: samplers of any pack, and nodes that ask a service for the result."""
    return (node for node in graph.values() if _samples(node) or _asks_a_service(node) or _speaks(node))


def enhancing(graph: Graph) -> Iterator[Node]:
    """Nodes that enlarge or repair with a trained model, without making anything new."""
    for node in graph.values():
        by_model = "upscal" in node.kind.casefold() and any("model" in name for name in node.inputs)
        if by_model or _TRAINED.search(node.kind):
            yield node


def _samples(node: Node) -> bool:
    """A sampler: a model flows in, and settings of denoising stand on it."""
    if not any(_MODEL.search(name) and not _OTHER_MODEL.search(name) for name in node.links):
        return False
    concepts = sum(any(concept.search(name) for name in node.inputs) for concept in _CONCEPTS)
    if _SAMPLER.search(node.kind):
        return concepts >= 1
    return concepts >= 3 and not _HELPER.search(node.kind)


def _asks_a_service(node: Node) -> bool:
    """A prompt goes in with settings of a request, and media comes out."""
    if _LOOKING.search(node.kind) or _HELPER.search(node.kind) or not _gives(node, _MEDIA):
        return False
    prompts = {name for name in node.inputs if "prompt" in name and "negative" not in name}
    return bool(prompts) and any(_REQUEST.search(name) for name in node.inputs - prompts)


def _speaks(node: Node) -> bool:
    """Speech made from text."""
    return "TTS" in node.kind and "text" in node.inputs and _gives(node, re.compile("^audio"))


def _gives(node: Node, wanted: re.Pattern[str]) -> bool:
    return any(wanted.search(name) for name in node.feeds)


def facts(graph: Graph, node: Node) -> str:
    """What a generating node used, in words: prompt, model and seed as far as the graph tells them."""
    seeds = (plain(value) for name, value in node.values.items() if name.endswith("seed"))
    return used(_prompt(graph, node), _model(graph), next(seeds, ""))


def _prompt(graph: Graph, node: Node) -> str:
    """The first text met on the way up from a node along its positive inputs."""
    waiting, met = deque([node]), 0
    while waiting and met < _WALKED:
        here, met = waiting.popleft(), met + 1
        for name, value in here.values.items():
            unnamed = name.isdecimal() and "text" in here.kind.casefold()
            if isinstance(value, str) and value.strip() and (unnamed or _WAY_TO_PROMPT.search(name)):
                return value
        waiting += [graph[id_] for name, id_ in here.links.items() if _WAY_TO_PROMPT.search(name) and id_ in graph]
    return ""


def _model(graph: Graph) -> str:
    """Name of the first model that a loader of checkpoints or diffusion models names."""
    for node in graph.values():
        if _LOADS_MODEL.search(node.kind):
            named = [plain(node.values[name]) for name in _NAMES_OF_MODELS if name in node.values]
            if first := next(filter(None, named or [plain(node.values.get("0"))]), ""):
                return first
    return ""
