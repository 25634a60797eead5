"""Node graphs as ComfyUI saves them, in both of its forms, parsed into one.

ComfyUI saves a graph twice, under different keys, because it has two forms.

The API graph (key `prompt`) is what was executed. Its nodes are named by id, and an input is either a value or a link:

    {"3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "model": ["4", 0]}},
     "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}}}

The link `["4", 0]` means: the first output of node 4 flows into this input.

The UI graph (key `workflow`) is what was on the screen, with muted nodes and positions. Links are a table of their own,
and the values of the widgets on a node are a list without names:

    {"nodes": [{"id": 3, "type": "KSampler", "mode": 0, "widgets_values": [7, "randomize", 20],
                "inputs": [{"name": "model", "type": "MODEL", "link": 11}],
                "outputs": [{"name": "LATENT", "type": "LATENT", "links": [12]}]}],
     "links": [[11, 4, 0, 3, 0, "MODEL"]]}

A link is `[link id, source node, output slot, target node, input slot, type]`. Subgraphs are under `definitions`, and
group nodes, their older form, under `extra`.

Two packs of nodes draw links that are not in the table: a `SetNode` gives a name to a result that every `GetNode` of
that name takes up, and `Anything Everywhere` feeds its result to all inputs of that type that nothing else flows into.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provenance.evidence.text.parse_text import as_list, as_object, as_objects, as_text, parse_json

_MUTED, _BYPASSED = "2", "4"
_INACTIVE_MODES = frozenset({_MUTED, _BYPASSED})
"""Values of `mode` in UI graphs."""
_MOST_BYPASSED = 64
"""Bypassed nodes in a row through which a link is followed."""
_SEED_CONTROLS = ("fixed", "randomize", "increment", "decrement")
"""The widget that ComfyUI adds after every seed: what happens to the seed before the next run."""
_SMALL_NUMBER = 1_000_000
"""Numbers up to this one can be sizes and counts; seeds are drawn from 64 bits and nearly always larger."""
_BROADCAST_CLASS = re.compile(r"(?:anything|prompts?|seed) everywhere", re.IGNORECASE)
"""Names of nodes that feed inputs to which no link is drawn."""
_MOST_NODES = 20_000
"""Nodes of one graph that are parsed; the rest is ignored."""
_BUNDLE_KEYS = ("prompt", "workflow", "extra_pnginfo")
"""Keys under which an object holds graphs."""

JsonObject = Mapping[str, object]


@dataclass(slots=True)
class Node:
    """One node of a graph, with all names in lower case."""

    class_type: str
    """Name of the node's class, in its own spelling: `KSampler`."""
    values: dict[str, object] = field(default_factory=dict)
    """What is set on the node, by input name. In UI graphs most values have no name; their key is their position."""
    links: dict[str, str] = field(default_factory=dict)
    """Input name -> id of the node whose result flows in; an empty id if the graph does not say which."""
    is_template: bool = False
    """Whether it is part of a group node's definition: its values are those from when the group was defined."""
    output_names: set[str] = field(default_factory=set)
    """What its results are for: names of the inputs that they flow into. In UI graphs also the types of its outputs."""

    @property
    def input_names(self) -> set[str]:
        """Names of all inputs, set or linked."""
        return {*self.values, *self.links}


Graph = dict[str, Node]
"""Node id -> node. Ids are unique within one graph and mean nothing outside of it."""


def find_graphs(value: object, depth: int = 2) -> Iterator[Graph]:
    """Find every graph in a JSON value: an API graph, a UI graph, or an object that holds such graphs.

    `value` may also be JSON in a string. `depth` is how many objects may be around a graph.
    """
    if isinstance(value, str):
        value = parse_json(value)
    document = as_object(value)
    if isinstance(document.get("nodes"), list):
        yield _parse_ui_graph(document)
    # One node is enough: an API graph can have other keys beside its nodes.
    elif any(_is_api_node(entry) for entry in document.values()):
        yield _parse_api_graph(document)
    elif depth:
        for key in _BUNDLE_KEYS:
            yield from find_graphs(document.get(key), depth - 1)


def _is_api_node(entry: object) -> bool:
    node = as_object(entry)
    return isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _parse_api_graph(document: JsonObject) -> Graph:
    entries: dict[str, JsonObject] = {}
    for node_id, entry in list(document.items())[:_MOST_NODES]:
        if _is_api_node(entry):
            entries[node_id] = as_object(entry)
    graph: Graph = {}
    for node_id, entry in entries.items():
        node = Node(as_text(entry["class_type"]))
        for name, value in as_object(entry["inputs"]).items():
            # A list of two can also be a value, such as a size: it is a link only if it names a node.
            source = _parse_api_link(value)
            if source in entries:
                node.links[name.casefold()] = source
            else:
                node.values[name.casefold()] = value
        graph[node_id] = node
    _add_output_names(graph)
    return graph


def _parse_api_link(value: object) -> str:
    """Return the id of the source node of a link `[id, slot]`; empty for a value that is not a link."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], int):
        return as_text(value[0])
    return ""


def _parse_ui_graph(document: JsonObject) -> Graph:
    graph: Graph = {}
    for part_number, part in enumerate(_find_parts(document)):
        sources = _map_link_sources(part)
        # Nodes of a group name their inputs but not their links.
        is_group = "external" in part
        has_hidden_links = is_group or _has_broadcast(part)
        for position, entry in enumerate(_find_active_nodes(part)):
            node_id = as_text(entry.get("id"))
            # In a group node all nodes have the id -1 or none, so their position has to tell them apart.
            if node_id in ("", "-1"):
                node_id = f"#{position}"
            # Every part counts its nodes from 1, so the number of the part makes the id unique.
            graph[f"{part_number}:{node_id}"] = _parse_ui_node(
                entry, part_number, sources, has_hidden_links=has_hidden_links, is_template=is_group
            )
    _link_by_name(graph)
    _add_output_names(graph)
    return graph


def _parse_ui_node(
    entry: JsonObject, part_number: int, sources: Mapping[str, str], *, has_hidden_links: bool, is_template: bool
) -> Node:
    node = Node(as_text(entry.get("type")), _parse_widgets(entry), is_template=is_template)
    for output in as_objects(entry.get("outputs")):
        node.output_names.add(as_text(output.get("type")).casefold())
    for slot in as_objects(entry.get("inputs")):
        name = as_text(slot.get("name")).casefold()
        link = as_text(slot.get("link"))
        if link:
            node.links[name] = ""
            if link in sources:
                node.links[name] = f"{part_number}:{sources[link]}"
            # A widget whose input is linked keeps its old value in the file, but the linked one is used.
            node.values.pop(name, None)
        elif "widget" in slot:
            node.values.setdefault(name, None)
        elif has_hidden_links:
            # An input without a widget can only be linked.
            node.links[name] = ""
    return node


def _has_broadcast(part: JsonObject) -> bool:
    return any(_BROADCAST_CLASS.search(as_text(entry.get("type"))) for entry in _find_active_nodes(part))


def _link_by_name(graph: Graph) -> None:
    """Link every node that takes up a named result to the node that gave it this name."""
    setters: dict[str, str] = {}
    for node_id, node in graph.items():
        if node.class_type == "SetNode":
            setters[_read_given_name(node)] = node_id
    for node in graph.values():
        name = _read_given_name(node)
        if node.class_type == "GetNode" and name in setters:
            node.links["value"] = setters[name]


def _read_given_name(node: Node) -> str:
    return as_text(next(iter(node.values.values()), ""))


def _find_parts(document: JsonObject) -> Iterator[JsonObject]:
    """Yield the graph itself, then every subgraph and group that is used by an active node, directly or indirectly."""
    # 1. Collect the definitions by the node type that uses them. A subgraph is used by its id, a group by its name,
    #    after `workflow/` in older and `workflow>` in newer versions.
    definitions: dict[str, JsonObject] = {}
    for subgraph in as_objects(as_object(document.get("definitions")).get("subgraphs")):
        definitions[as_text(subgraph.get("id"))] = subgraph
    for name, group in as_object(as_object(document.get("extra")).get("groupNodes")).items():
        for separator in "/>":
            definitions[f"workflow{separator}{name}"] = {"external": [], **as_object(group)}

    # 2. Follow the nodes from the graph itself. Each definition is used up by its first node: it is the same nodes
    #    every time, and definitions that contain each other come to an end.
    parts = deque([document])
    while parts:
        part = parts.popleft()
        yield part
        for node in _find_active_nodes(part):
            definition = definitions.pop(as_text(node.get("type")), None)
            if definition:
                parts.append(definition)


def _find_active_nodes(part: JsonObject) -> Iterator[JsonObject]:
    """Yield the nodes that take part in the execution: neither muted nor bypassed."""
    for entry in as_objects(as_list(part.get("nodes"))[:_MOST_NODES]):
        if as_text(entry.get("type")) and as_text(entry.get("mode")) not in _INACTIVE_MODES:
            yield entry


def _map_link_sources(part: JsonObject) -> dict[str, str]:
    """Map the id of every link to the id of its source node."""
    sources: dict[str, str] = {}
    # 1. By the outputs of the nodes, because some programs leave out the table of links.
    for entry in _find_active_nodes(part):
        for output in as_objects(entry.get("outputs")):
            for link in as_list(output.get("links")):
                sources[as_text(link)] = as_text(entry.get("id"))
    # 2. By the table of links, which outweighs them: lists in graphs, objects in subgraphs.
    for link in as_list(part.get("links")):
        if isinstance(link, list) and len(link) >= 5:
            sources[as_text(link[0])] = as_text(link[1])
        elif isinstance(link, dict):
            sources[as_text(link.get("id"))] = as_text(link.get("origin_id"))
    # 3. Through bypassed nodes: what comes out of one is what goes in, of the same type.
    around = _map_bypassed_links(part)
    for link in around:
        sources[link] = sources.get(_follow(link, around), "")
    return sources


def _map_bypassed_links(part: JsonObject) -> dict[str, str]:
    """Map the id of every link out of a bypassed node to the id of the link that goes in instead."""
    around: dict[str, str] = {}
    for entry in as_objects(as_list(part.get("nodes"))[:_MOST_NODES]):
        if as_text(entry.get("mode")) != _BYPASSED:
            continue
        going_in: dict[str, str] = {}
        for slot in as_objects(entry.get("inputs")):
            if as_text(slot.get("link")):
                going_in.setdefault(as_text(slot.get("type")), as_text(slot.get("link")))
        for output in as_objects(entry.get("outputs")):
            kind = as_text(output.get("type"))
            if kind not in going_in:
                continue
            for link in as_list(output.get("links")):
                around[as_text(link)] = going_in[kind]
    return around


def _follow(link: str, around: Mapping[str, str]) -> str:
    """Follow a link back through bypassed nodes to the first that is not one; links in a circle lead nowhere."""
    for _ in range(_MOST_BYPASSED):
        if link not in around:
            return link
        link = around[link]
    return ""


def _parse_widgets(entry: JsonObject) -> dict[str, object]:
    """Return the values of the widgets of a UI node: by name if its slots name all of them, otherwise by position."""
    widgets = entry.get("widgets_values")
    if isinstance(widgets, dict):
        return {name.casefold(): value for name, value in widgets.items()}
    if not widgets:
        return {}
    values = _number_widgets(as_list(widgets))
    names = []
    for slot in as_objects(entry.get("inputs")):
        if "widget" in slot:
            widget = as_object(slot["widget"])
            names.append(as_text(widget.get("name")).casefold())
    # Older versions list a slot only for widgets that were turned into inputs: then it is unknown which is which.
    if len(names) != len(values):
        return values
    return dict(zip(names, values.values(), strict=True))


def _number_widgets(widgets: list[object]) -> dict[str, object]:
    """Key the values by position, except a seed, which shows itself by the seed control that follows it.

    The seed control is dropped: it has no slot and is not a setting of the node.
    """
    values: dict[str, object] = {}
    previous = ""
    for position, value in enumerate(widgets):
        if previous and _is_seed_control(value, values[previous]):
            values["seed"] = values.pop(previous)
            previous = ""
        else:
            previous = str(position)
            values[previous] = value
    return values


def _is_seed_control(value: object, number: object) -> bool:
    """Whether `value` is the seed control of the number before it."""
    if not isinstance(number, int | float):
        return False
    # The first versions wrote whether to draw a new seed as a boolean. Behind a small number it can be any setting.
    return value in _SEED_CONTROLS or (isinstance(value, bool) and number > _SMALL_NUMBER)


def _add_output_names(graph: Graph) -> None:
    """Give every node the names of the inputs that its results flow into."""
    for node in graph.values():
        for name, source in node.links.items():
            if source in graph:
                graph[source].output_names.add(name)
