"""Which nodes of a graph generate: told by what they take and give, so that nodes of unknown packs count too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from itertools import chain

from provenance.evidence.text.graphs import Graph, Node
from provenance.evidence.text.generation_settings import make_used, find_media_names
from provenance.evidence.text.parse_text import as_text
from provenance.model.evidence import Used

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
_POSITIVE = re.compile(r"positive|^pos(?:_|$)")
_NEGATIVE = re.compile(r"negative|^neg(?:_|$)")
_PASSES_WORDS = re.compile(r"conditioning|guider|pipe|prompt|text|string|value")
_NAMES_OF_MODELS = ("ckpt_name", "unet_name", "model_name", "model", "model_path", "base_model")
_LOADS_MODEL = re.compile(
    r"checkpoint.*load|unet.*load|(?<!upscale)(?<!clip)(?<!style)model_?load|load.*(?:checkpoint|diffusion)",
    re.IGNORECASE,
)
_ADAPTS = re.compile(
    r"lora|lycoris|control_?net|ip_?adapter|hypernet|t2i_?adapter|style_?model|embedding", re.IGNORECASE
)
_WEIGHT_FILE = re.compile(r"\S.*\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx)\Z|urn:air:", re.IGNORECASE)
_FEEDS_SEED = re.compile(r"seed$|^noise$")
_HOLDS_NUMBER = re.compile(r"primitive|int|number|seed", re.IGNORECASE)
_WRITES = re.compile(r"save|preview|combine|show|note", re.IGNORECASE)
_NO_FILE = re.compile(r"prompt|text|positive|negative|preview|prefix")
_LONGEST_NAME = 1000
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


def facts(graph: Graph, node: Node) -> Used:
    """What a generating or enhancing node used, as far as the graph tells: words behind it, loaders, files."""
    return make_used(
        _words(graph, node, _POSITIVE, _NEGATIVE),
        negative=_words(graph, node, _NEGATIVE, _POSITIVE),
        model=list(_models(graph)) or list(_models_of(graph, node)),
        adapters=(name for part in graph.values() if _ADAPTS.search(part.kind) for name in _weights(part)),
        seed=_seed(graph, node),
        inputs=(name for part in graph.values() for name in _files(part)),
    )


def _words(graph: Graph, node: Node, side: re.Pattern[str], other: re.Pattern[str]) -> str:
    """The first text met on the way up from a node to one side: along inputs of that side and what passes words on."""
    waiting, met = deque([(node, side is _POSITIVE)]), 0
    while waiting and met < _WALKED:
        (here, inside), met = waiting.popleft(), met + 1
        texts = ((name, value) for name, value in here.values.items() if isinstance(value, str) and value.strip())
        for name, value in texts:
            unnamed = name.isdecimal() and "text" in here.kind.casefold()
            passed_on = inside and not other.search(name) and (unnamed or _PASSES_WORDS.search(name))
            if side.search(name) or passed_on:
                return value
        for name, id_ in here.links.items():
            if id_ in graph and not other.search(name) and (side.search(name) or _PASSES_WORDS.search(name)):
                waiting.append((graph[id_], inside or bool(side.search(name))))
    return ""


def _models(graph: Graph) -> Iterator[str]:
    """Names of the models that loaders of checkpoints or diffusion models name."""
    for node in graph.values():
        if _LOADS_MODEL.search(node.kind) and not _ADAPTS.search(node.kind) and not _LOOKING.search(node.kind):
            named = (as_text(node.values[name]) for name in _NAMES_OF_MODELS if name in node.values)
            yield next(chain(filter(None, named), _weights(node)), "") or as_text(node.values.get("0"))


def _models_of(graph: Graph, node: Node) -> Iterator[str]:
    """Models that a node names itself, as those that ask a service do, or that are loaded for it alone."""
    yield from (as_text(node.values[name]) for name in _NAMES_OF_MODELS if name in node.values)
    for name, id_ in node.links.items():
        if "model" in name and id_ in graph:
            yield from _weights(graph[id_])


def _weights(node: Node) -> Iterator[str]:
    """Files of weights that are set on a node; those switched off are left out."""
    waiting = deque(node.values.values())
    while waiting:
        value = waiting.popleft()
        if isinstance(value, str) and _WEIGHT_FILE.match(value[:_LONGEST_NAME].strip()):
            yield value
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict) and value.get("on") is not False:
            waiting.extend(value.values())


def _seed(graph: Graph, node: Node) -> str:
    """The seed set on a node, or on the one that feeds it noise or a number."""
    near = [graph[id_] for name, id_ in node.links.items() if _FEEDS_SEED.search(name) and id_ in graph]
    own = ((part, name, value) for part in (node, *near) for name, value in part.values.items())
    return next((as_text(value) for part, name, value in own if name.endswith("seed") or _is_number(part, name)), "")


def _is_number(node: Node, name: str) -> bool:
    """Whether a setting is the whole sense of a node that only holds a number."""
    return name in ("value", "int", "number", "0") and bool(_HOLDS_NUMBER.search(node.kind))


def _files(node: Node) -> Iterator[str]:
    """Pictures, movies and sounds that a node is set to load."""
    if not _WRITES.search(node.kind):
        yield from find_media_names([value for name, value in node.values.items() if not _NO_FILE.search(name)])
