"""ComfyUI graphs: the program saves the graph that made a file into the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage_from_settings
from provenance.evidence.text.graphs import Graph, find_graphs
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.node_roles import find_enhancing_nodes, find_generating_nodes
from provenance.evidence.text.node_settings import make_usage_from_nodes
from provenance.evidence.text.parse_text import as_object, as_objects, as_text, parse_json, shorten
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_MARKERS = ("class_type", '"nodes', '\\"nodes')
"""One of these is in every graph: API, UI, and UI as JSON inside a JSON string."""
_PREFIX = re.compile(r"\A[\0\s\ufeff]*(?:prompt|workflow)\s*[:\0]\s*", re.IGNORECASE)
"""The key that ComfyUI writes before the graph where a container has no keys: `prompt:{...}` in EXIF."""
_DAMAGED_GRAPH = re.compile(
    r'\A[\s\0\ufeff]*"?\{.*?"(?:class_type|type)\\*":\s*\\*"(K?Sampler(?:Custom)?(?:Advanced)?)\\*"', re.DOTALL
)
"""The beginning of a graph with one of ComfyUI's own samplers; the quotes may be escaped."""


class Comfyui(Signal):
    """Recognised by its structure: a graph counts as generation only if one of its nodes generates."""

    name = "comfyui"
    title = "ComfyUI graph"
    written_by = (
        "ComfyUI and services built on it (Civitai, TensorArt, SwarmUI, Stability Matrix): `prompt` (the graph that "
        "was run) and `workflow` (the graph on the screen) as JSON, in PNG text, the chunk `comf`, the EXIF fields "
        "Make, Model, ImageDescription and UserComment of WebP and JPEG, and in the tags of movies and sound."
    )
    trust = (
        "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes such a graph by hand. If the "
        "only trained model in the graph enlarges or repairs, the file is reported as enhanced."
    )
    traps = (
        "A graph without a generating node (load, resize, composite, save) is not evidence. Neither are muted nodes, "
        "nodes that cut out a background by a prompt, or a key named `prompt` or `workflow` from another program. "
        "Nodes of unknown packs are judged by their inputs and outputs; where the graph on the screen does not "
        "name the values, by their content: a seed with its control, a sampler, a scheduler."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every graph with a generating or an enhancing node, whatever key it is under."""
        for statement in select_visible(statements):
            # Parsing is costly, and hardly any text is a graph.
            if any(marker in statement.value for marker in _MARKERS):
                text = _PREFIX.sub("", statement.value, count=1)
                yield from self._read_graphs(statement, text)

    def _read_graphs(self, statement: Statement, text: str) -> Iterator[Evidence]:
        # 1. A graph that was cut off or damaged does not parse, but its beginning can still name a sampler.
        document = as_object(parse_json(text))
        if not document:
            damaged = _DAMAGED_GRAPH.search(text)
            if damaged and '"inputs' in text.replace("\\", ""):
                detail = f"The file contains a damaged ComfyUI graph with the generating node {damaged[1]}."
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="ComfyUI")
            return

        # 2. Civitai runs ComfyUI for its users. It names models by AIR identifiers, and stores the user's request
        #    beside the graph, which says more than the graph does.
        tool = "ComfyUI"
        if "urn:air:" in text:
            tool = "Civitai (ComfyUI)"
        request = _read_civitai_request(document)
        if request:
            detail = add_usage("The file contains a Civitai job that requests a generated picture", request)
            yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=request)
            return

        # 3. Every graph counts by its strongest node.
        version = _find_version(document)
        for graph in find_graphs(document):
            verdict = _judge_graph(graph)
            if verdict:
                origin, detail, used = verdict
                used = replace(used, version=version)
                yield make_evidence(self.name, statement, origin, detail, tool=tool, used=used)


def _judge_graph(graph: Graph) -> tuple[Origin, str, Used] | None:
    """Return origin, detail and settings of a graph; None if no node generates or enhances."""
    generating = list(find_generating_nodes(graph))
    if generating:
        used = make_usage_from_nodes(graph, generating)
        clause = f'The file contains a ComfyUI graph whose node "{shorten(generating[0].class_type, 60)}" generates'
        return Origin.GENERATED, add_usage(clause, used), used
    enhancing = list(find_enhancing_nodes(graph))
    if enhancing:
        name = shorten(enhancing[0].class_type, 60)
        detail = f'The file contains a ComfyUI graph whose node "{name}" enlarges or repairs with a trained model.'
        return Origin.ENHANCED, detail, make_usage_from_nodes(graph, enhancing)
    return None


def _read_civitai_request(document: Mapping[str, object]) -> Used | None:
    """Read what a Civitai job requested, from `extraMetadata` beside its graph; None if that is not a generation."""
    request = as_object(parse_json(as_text(document.get("extraMetadata"))))
    has_settings = "steps" in request or "workflow" in request or "seed" in request
    if not as_text(request.get("prompt")) or not has_settings:
        return None
    used = make_usage_from_settings(request)
    # The request lists no adapters and input files, and often no model: those are in the graph alone.
    for graph in find_graphs(document):
        nodes = list(find_generating_nodes(graph)) or list(find_enhancing_nodes(graph))
        if nodes:
            ran = make_usage_from_nodes(graph, nodes)
            return replace(used, model=used.model or ran.model, adapters=ran.adapters, inputs=ran.inputs)
    return used


def _find_version(document: Mapping[str, object]) -> str | None:
    """Find the version of ComfyUI in a UI graph: its built-in nodes name the version that they came with."""
    workflow = as_object(document.get("workflow")) or document
    for node in as_objects(workflow.get("nodes")):
        properties = as_object(node.get("properties"))
        version = as_text(properties.get("ver"))
        if properties.get("cnr_id") == "comfy-core" and version:
            return shorten(version, 40)
    return None
