"""Which nodes of a graph generate or enhance, decided by their inputs and outputs.

Anyone can publish nodes for ComfyUI, so a list of names would always be out of date. But a node that samples needs a
model, a seed, steps and prompts, whoever wrote it and whatever its name is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from provenance.evidence.text.graphs import Graph, Node
from provenance.evidence.text.node_widgets import find_unnamed_settings

_SAMPLER_CLASS = re.compile(r"(?<!re)(?<!up)(?<!down)(?<!over)(?<!sub)sample(?![_ ]?rate)", re.IGNORECASE)
"""Names of samplers; not those that resample or upsample a picture or a sound, or deal with its sample rate."""
_DETAILER_CLASS = re.compile(r"detailer", re.IGNORECASE)
"""Names of nodes that generate a part of a picture again, such as a face, and of those that prepare this."""
_HELPER_CLASS = re.compile(r"scheduler|save|preview|show|metadata|merge|patch|control_?net|loader", re.IGNORECASE)
"""Names of nodes that have the inputs of a sampler without sampling: they prepare, store or show its settings."""
ANALYSER_CLASS = re.compile(
    r"segment|clipseg|dino|sam[ _]?\d|yolo|detect|mask|caption|florence|interrogat|tagger|describe|matting|"
    r"re?m(?:ove)?[_ ]?(?:bg|background)|background[_ ]?re?mov|cut[_ -]?out|birefnet|inspyrenet",
    re.IGNORECASE,
)
"""Names of nodes that analyse a picture with a model and a prompt, and make a mask, a text or a cut-out."""
_ENHANCER_CLASS = re.compile(
    r"upscale.*model|esrgan|topaz|seedvr|supir|swinir|gfpgan|codeformer|facerestore", re.IGNORECASE
)
"""Names of nodes that enlarge or repair with a trained model."""

_MODEL_INPUT = re.compile(r"(?:^|_)(?:model|pipe|pipeline|unet|transformer|dit|guider)\d?$")
"""Inputs for a model that generates."""
_OTHER_MODEL_INPUT = re.compile(r"upscale|sam|dino|vision|style|clip|detect|bbox|segm|vae|lora")
"""Inputs for models that do something else."""
_DENOISING_INPUTS = (
    re.compile(r"seed$"),
    re.compile(r"steps$"),
    re.compile(r"^cfg|^guidance"),
    re.compile(r"sampler|scheduler|^sigmas"),
    re.compile(r"^denois"),
    re.compile(r"^positive|^negative|conditioning|text_embeds|prompt"),
    re.compile(r"latent"),
)
"""The inputs that denoising needs, one expression for each."""
_LEAST_INPUTS_OF_SAMPLER = 1
"""Denoising inputs that a node needs whose name already says that it samples."""
_LEAST_INPUTS_OF_ANY = 3
"""Denoising inputs that a node of any other name needs."""
_PICTURE_INPUT = re.compile(r"^(?:image|images|image_frames|pixels|segs|latent|samples)$")
"""Inputs for what a detailer works on; nodes that only prepare a detailer have none."""
_ANY_MODEL_INPUT = re.compile("model")
_REQUEST_INPUT = re.compile(r"seed|model|ratio|size|resolution|duration|quality|negative|style|width|strength")
"""Inputs that a request to a generating service has beside the prompt."""
_SELECTION_INPUT = re.compile(r"threshold|confidence|sensitivity")
"""Inputs of nodes that select something in a picture by a text, and do not make anything new."""
_MEDIA_OUTPUT = re.compile(r"^(?:image|img|pixel|frame|video|audio|latent|samples)")
_AUDIO_OUTPUT = re.compile("^audio")


def find_generating_nodes(graph: Graph) -> Iterator[Node]:
    """Find the nodes that make pictures, movies or sound: samplers, requests to a service, and speech from text."""
    for node in graph.values():
        if _is_sampler(node) or _is_service_request(node) or _is_speech_synthesis(node):
            yield node


def find_enhancing_nodes(graph: Graph) -> Iterator[Node]:
    """Find the nodes that enlarge or repair with a trained model, without making anything new."""
    for node in graph.values():
        # Plain upscaling, by Lanczos and the like, has no input for a model.
        has_model = _has_match(node.input_names, _ANY_MODEL_INPUT)
        is_model_upscaler = "upscal" in node.class_type.casefold() and has_model
        if is_model_upscaler or _ENHANCER_CLASS.search(node.class_type):
            yield node


def _is_sampler(node: Node) -> bool:
    """Whether a model flows in and the inputs of denoising are there."""
    # 1. A model that generates must flow in. Only links count: the name of a model can be set on any node.
    if not any(is_model_input(name) for name in node.links):
        return False
    # 2. A detailer is one by its name and the picture that flows in: what else is set on it differs widely.
    if _DETAILER_CLASS.search(node.class_type) and _has_match(node.links.keys(), _PICTURE_INPUT):
        return True
    # 3. Count the inputs that denoising needs, each once, however many names match it.
    names = node.input_names | find_unnamed_settings(node)
    count = sum(_has_match(names, needed) for needed in _DENOISING_INPUTS)
    # 4. The more the name says, the fewer are needed.
    if _SAMPLER_CLASS.search(node.class_type):
        return count >= _LEAST_INPUTS_OF_SAMPLER
    return count >= _LEAST_INPUTS_OF_ANY and not _HELPER_CLASS.search(node.class_type)


def is_model_input(name: str) -> bool:
    """Whether an input of this name is for a model that generates."""
    return bool(_MODEL_INPUT.search(name)) and not _OTHER_MODEL_INPUT.search(name)


def _is_service_request(node: Node) -> bool:
    """Whether a prompt and settings of a request go in, and media comes out."""
    if ANALYSER_CLASS.search(node.class_type) or _HELPER_CLASS.search(node.class_type):
        return False
    if not _has_match(node.output_names, _MEDIA_OUTPUT) or _has_match(node.input_names, _SELECTION_INPUT):
        return False
    prompts = {name for name in node.input_names if "prompt" in name and "negative" not in name}
    # A prompt alone is not enough: nodes that select something in a picture by a text have one as well.
    return bool(prompts) and _has_match(node.input_names - prompts, _REQUEST_INPUT)


def _is_speech_synthesis(node: Node) -> bool:
    """Whether the node makes speech from text."""
    return "TTS" in node.class_type and "text" in node.input_names and _has_match(node.output_names, _AUDIO_OUTPUT)


def _has_match(names: Set[str], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(name) for name in names)
