"""InvokeAI, in every generation of its keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used, find_media_names, find_names
from provenance.evidence.text.parse_text import shorten, as_list, parse_json_object, as_object, normalise_key, as_text
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_SWITCH = re.compile(r"(?:^|\s)-(?:([sSWHCf]) ?-?\d[\d.]*|A ?([a-z_0-9+]+))(?=\s|$)")
_FED = re.compile(r"(?:^|\s)-[IM] ?(\"[^\"]{1,500}\"|\S{1,500})")
_ADAPTERS = ("lora", "control_model", "ip_adapter_model", "t2i_adapter_model")
_COMMAND = 4096
_PROGRAMS = frozenset({"invoke-ai/invokeai", "lstein/stable-diffusion"})
_GENERATING = re.compile(r"denoise|generat|^(?:t2l|l2l|txt2img|img2img|inpaint)$")
_ENHANCING = re.compile(r"esrgan|spandrel|upscale")


class Invokeai(Signal):
    """Four generations of keys, each with its own structure."""

    name = "invokeai"
    title = "InvokeAI metadata"
    written_by = (
        "InvokeAI in PNG text: `invokeai_metadata`, `invokeai_graph` and `invokeai_workflow` since version 3, "
        "`sd-metadata` in version 2, `Dream` (a command line) in the first."
    )
    trust = "A tool's own trace: unsigned, lost by any re-save, and nobody writes it by hand. In- and outpainting too."
    traps = (
        "A text under the key `Dream` without the switches of the command line is no command. A graph that only "
        "resizes or pastes is no generation; one that only enlarges with a trained model is enhanced."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every key of InvokeAI whose content is what InvokeAI writes."""
        for statement in select_visible(statements):
            reader = _READERS.get(normalise_key(statement.key))
            if reader and (said := reader(statement.value)):
                origin, told, used = said
                detail = f"InvokeAI saved the settings of a generation here{told and f': {told}'}."
                if origin is Origin.ENHANCED:
                    detail = f"InvokeAI saved its graph here; {told} enlarges by a trained model."
                tool = f"InvokeAI {used.version or ''}".strip()
                yield make_evidence(self.name, statement, origin, detail, tool=tool, used=used)


Said = tuple[Origin, str, Used] | None
"""Origin, a clause for the sentence, what was used."""
_REFERENCES = ("controlnets", "ipAdapters", "t2iAdapters", "refImages", "reference_images")


def _metadata(text: str) -> Said:
    said = parse_json_object(text)
    prompt, seed = as_text(said.get("positive_prompt")), as_text(said.get("seed"))
    if not (prompt or said.get("generation_mode") or (seed and (said.get("steps") or said.get("model")))):
        return None
    return _generated(
        make_used(
            prompt,
            negative=as_text(said.get("negative_prompt")),
            model=[*find_names(said.get("model")), *find_names(said.get("refiner_model"))],
            adapters=[*find_names(said.get("loras")), *(name for key in _REFERENCES for name in find_names(said.get(key)))],
            seed=seed,
            inputs=find_media_names({key: value for key, value in said.items() if "prompt" not in key}),
            version=as_text(said.get("app_version")),
        )
    )


def _generated(used: Used) -> Said:
    return Origin.GENERATED, describe_used(used), used


def _sd_metadata(text: str) -> Said:
    said = parse_json_object(text)
    image = as_object(said.get("image"))
    if as_text(said.get("app_id")).casefold() not in _PROGRAMS and not ("prompt" in image and "sampler" in image):
        return None
    prompts = image.get("prompt")
    prompt = as_text(as_object(as_list(prompts)[0]).get("prompt")) if as_list(prompts) else as_text(prompts)
    return _generated(
        make_used(
            prompt,
            model=as_text(said.get("model_weights")) or as_text(said.get("model")),
            seed=as_text(image.get("seed")),
            inputs=find_media_names([image.get("init_img"), image.get("init_mask")]),
            version=as_text(said.get("app_version")),
        )
    )


def _dream(text: str) -> Said:
    switches = list(_SWITCH.finditer(text[-_COMMAND:]))
    if len({match[1] or "A" for match in switches}) < 3:
        return None
    prompt = text[: switches[0].start()] if len(text) <= _COMMAND else text
    seed = next((match[0].split("S", 1)[1] for match in switches if match[1] == "S"), "")
    fed = (match[1].strip('"') for match in _FED.finditer(text[-_COMMAND:]))
    return _generated(make_used(prompt.strip(' "'), seed=seed, inputs=fed))


def _graph(text: str) -> Said:
    kinds = list(_kinds(parse_json_object(text).get("nodes")))
    for origin, wanted in ((Origin.GENERATED, _GENERATING), (Origin.ENHANCED, _ENHANCING)):
        if kind := next(filter(wanted.search, kinds), ""):
            return origin, f"the node {shorten(kind, 60)}", _of_graph(text)
    return None


def _of_graph(text: str) -> Used:
    """Models, adapters and inputs by the fields of nodes; prompts stand in nodes that are told apart by name alone."""
    nodes = parse_json_object(text).get("nodes")
    fields = [
        as_object(as_object(node.get("data")).get("inputs")) or node
        for node in map(as_object, nodes.values() if isinstance(nodes, dict) else as_list(nodes))
    ]
    return make_used(
        model=(name for node in fields for name in find_names(_value(node.get("model")))),
        adapters=(name for node in fields for key in _ADAPTERS for name in find_names(_value(node.get(key)))),
        inputs=(name for node in fields for name in find_media_names(_value(node.get("image")))),
    )


def _value(field: object) -> object:
    """What a field of a node is set to: workflows wrap it in an object."""
    return as_object(field).get("value", field)


def _kinds(nodes: object) -> Iterator[str]:
    """Node types of a graph (`{id: {"type"}}`) or of a workflow (`[{"data": {"type"}}]`)."""
    for node in map(as_object, as_object(nodes).values() if isinstance(nodes, dict) else as_list(nodes)):
        yield as_text(as_object(node.get("data")).get("type")) or as_text(node.get("type"))


_READERS: Mapping[str, Callable[[str], Said]] = {
    "invokeai_metadata": _metadata,
    "invokeai_graph": _graph,
    "invokeai_workflow": _graph,
    "sd-metadata": _sd_metadata,
    "dream": _dream,
}
