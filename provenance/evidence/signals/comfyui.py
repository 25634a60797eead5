"""ComfyUI graphs: the program saves the graph that made a file into the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provenance.evidence.interface import Signal
from provenance.evidence.text.graphs import find_graphs
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import shorten, as_list, parse_json, as_object, as_text
from provenance.evidence.text.node_roles import enhancing, facts, generating
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_PREFIX = re.compile(r"\A[\0\s\ufeff]*(?:prompt|workflow)\s*[:\0]\s*", re.IGNORECASE)
_TORN = re.compile(
    r'\A[\s\0\ufeff]*"?\{.*?"(?:class_type|type)\\*":\s*\\*"(K?Sampler(?:Custom)?(?:Advanced)?)\\*"', re.DOTALL
)


class Comfyui(Signal):
    """Decided by structure: a graph counts as generation only with a node in it that generates."""

    name = "comfyui"
    title = "ComfyUI graph"
    written_by = (
        "ComfyUI and services built on it (Civitai, TensorArt, SwarmUI, Stability Matrix): `prompt` (what was run) and "
        "`workflow` (what stood on the screen) as JSON, in PNG text, the chunk `comf`, the EXIF fields Make, Model, "
        "ImageDescription and UserComment of WebP and JPEG, and in the tags of movies and sound."
    )
    trust = (
        "A tool's own trace: unsigned and lost by any re-save, but nobody writes such a graph by hand. A graph whose "
        "only trained model enlarges or repairs is told as enhanced."
    )
    traps = (
        "A graph without a generating node (load, resize, composite, save) is no evidence, nor are muted nodes, nor a "
        "key named `prompt` or `workflow` from another program. Nodes of unknown packs are judged by what they take "
        "and give."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every graph with a generating or an enhancing node, told by shape whatever the key is."""
        for statement in select_visible(statements):
            value = statement.value
            if "class_type" in value or '"nodes' in value or '\\"nodes' in value:
                yield from self._judged(statement, _PREFIX.sub("", value, count=1))

    def _judged(self, statement: Statement, text: str) -> Iterator[Evidence]:
        holder = as_object(parse_json(text))
        if not holder and (torn := _TORN.search(text)) and '"inputs' in text.replace("\\", ""):
            detail = f"A damaged ComfyUI graph that names the generating node {torn[1]}."
            yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="ComfyUI")
            return
        tool = "Civitai (ComfyUI)" if "urn:air:" in text else "ComfyUI"
        if made := _civitai_request(holder):
            detail = f"A Civitai job whose request ({describe_used(made)}) asks for a generated picture."
            yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=made)
            return
        version = _version(holder)
        for graph in find_graphs(holder):
            if node := next(generating(graph), None):
                used = facts(graph, node)
                said = describe_used(used)
                origin, does = Origin.GENERATED, f"generates{said and f': {said}'}"
            elif node := next(enhancing(graph), None):
                used = facts(graph, node)
                origin, does = Origin.ENHANCED, "enlarges or repairs by a model"
            else:
                continue
            detail = f"ComfyUI saved its graph here; its node {shorten(node.kind, 60)} {does}."
            yield make_evidence(self.name, statement, origin, detail, tool=tool, used=replace(used, version=version))


def _civitai_request(holder: Mapping[str, object]) -> Used | None:
    """What a Civitai job asked for, by the `extraMetadata` beside its graph; None if that is no generation."""
    request = as_object(parse_json(as_text(holder.get("extraMetadata"))))
    if not as_text(request.get("prompt")) or not ("steps" in request or "workflow" in request or "seed" in request):
        return None
    asked = make_used_from_settings(request)
    for graph in find_graphs(holder):  # resources stand in the graph alone
        if node := next(generating(graph), None) or next(enhancing(graph), None):
            ran = facts(graph, node)
            return replace(asked, model=asked.model or ran.model, adapters=ran.adapters, inputs=ran.inputs)
    return asked


def _version(holder: Mapping[str, object]) -> str | None:
    """The version of ComfyUI that drew a graph on the screen, by the nodes that came with it."""
    for node in map(as_object, as_list((as_object(holder.get("workflow")) or holder).get("nodes"))):
        properties = as_object(node.get("properties"))
        if properties.get("cnr_id") == "comfy-core" and (version := as_text(properties.get("ver"))):
            return shorten(version, 40)
    return None
