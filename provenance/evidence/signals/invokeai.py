"""InvokeAI, in every generation of its keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.telling import speaking, tell
from provenance.evidence.text.usage import clause, gathered, media_in, names_in
from provenance.evidence.text.vocabulary import excerpt, listing, load_object, mapping, name, plain
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
        for statement in speaking(statements):
            reader = _READERS.get(name(statement.key))
            if reader and (said := reader(statement.value)):
                origin, told, used = said
                detail = f"InvokeAI saved the settings of a generation here{told and f': {told}'}."
                if origin is Origin.ENHANCED:
                    detail = f"InvokeAI saved its graph here; {told} enlarges by a trained model."
                tool = f"InvokeAI {used.version or ''}".strip()
                yield tell(self.name, statement, origin, detail, tool=tool, used=used)


Said = tuple[Origin, str, Used] | None
"""Origin, a clause for the sentence, what was used."""
_REFERENCES = ("controlnets", "ipAdapters", "t2iAdapters", "refImages", "reference_images")


def _metadata(text: str) -> Said:
    said = load_object(text)
    prompt, seed = plain(said.get("positive_prompt")), plain(said.get("seed"))
    if not (prompt or said.get("generation_mode") or (seed and (said.get("steps") or said.get("model")))):
        return None
    return _generated(
        gathered(
            prompt,
            negative=plain(said.get("negative_prompt")),
            model=[*names_in(said.get("model")), *names_in(said.get("refiner_model"))],
            adapters=[*names_in(said.get("loras")), *(name for key in _REFERENCES for name in names_in(said.get(key)))],
            seed=seed,
            inputs=media_in({key: value for key, value in said.items() if "prompt" not in key}),
            version=plain(said.get("app_version")),
        )
    )


def _generated(used: Used) -> Said:
    return Origin.GENERATED, clause(used), used


def _sd_metadata(text: str) -> Said:
    said = load_object(text)
    image = mapping(said.get("image"))
    if plain(said.get("app_id")).casefold() not in _PROGRAMS and not ("prompt" in image and "sampler" in image):
        return None
    prompts = image.get("prompt")
    prompt = plain(mapping(listing(prompts)[0]).get("prompt")) if listing(prompts) else plain(prompts)
    return _generated(
        gathered(
            prompt,
            model=plain(said.get("model_weights")) or plain(said.get("model")),
            seed=plain(image.get("seed")),
            inputs=media_in([image.get("init_img"), image.get("init_mask")]),
            version=plain(said.get("app_version")),
        )
    )


def _dream(text: str) -> Said:
    switches = list(_SWITCH.finditer(text[-_COMMAND:]))
    if len({match[1] or "A" for match in switches}) < 3:
        return None
    prompt = text[: switches[0].start()] if len(text) <= _COMMAND else text
    seed = next((match[0].split("S", 1)[1] for match in switches if match[1] == "S"), "")
    fed = (match[1].strip('"') for match in _FED.finditer(text[-_COMMAND:]))
    return _generated(gathered(prompt.strip(' "'), seed=seed, inputs=fed))


def _graph(text: str) -> Said:
    kinds = list(_kinds(load_object(text).get("nodes")))
    for origin, wanted in ((Origin.GENERATED, _GENERATING), (Origin.ENHANCED, _ENHANCING)):
        if kind := next(filter(wanted.search, kinds), ""):
            return origin, f"the node {excerpt(kind, 60)}", _of_graph(text)
    return None


def _of_graph(text: str) -> Used:
    """Models, adapters and inputs by the fields of nodes; prompts stand in nodes that are told apart by name alone."""
    nodes = load_object(text).get("nodes")
    fields = [
        mapping(mapping(node.get("data")).get("inputs")) or node
        for node in map(mapping, nodes.values() if isinstance(nodes, dict) else listing(nodes))
    ]
    return gathered(
        model=(name for node in fields for name in names_in(_value(node.get("model")))),
        adapters=(name for node in fields for key in _ADAPTERS for name in names_in(_value(node.get(key)))),
        inputs=(name for node in fields for name in media_in(_value(node.get("image")))),
    )


def _value(field: object) -> object:
    """What a field of a node is set to: workflows wrap it in an object."""
    return mapping(field).get("value", field)


def _kinds(nodes: object) -> Iterator[str]:
    """Node types of a graph (`{id: {"type"}}`) or of a workflow (`[{"data": {"type"}}]`)."""
    for node in map(mapping, mapping(nodes).values() if isinstance(nodes, dict) else listing(nodes)):
        yield plain(mapping(node.get("data")).get("type")) or plain(node.get("type"))


_READERS: Mapping[str, Callable[[str], Said]] = {
    "invokeai_metadata": _metadata,
    "invokeai_graph": _graph,
    "invokeai_workflow": _graph,
    "sd-metadata": _sd_metadata,
    "dream": _dream,
}
