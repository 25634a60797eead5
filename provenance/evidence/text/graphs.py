"""Node graphs as ComfyUI writes them, in both forms, read into one shape.

The API graph is what was executed: `{id: {"class_type", "inputs": {name: value or [id, slot]}}}`. The UI graph is what
stood on the screen: `{"nodes": [{"id", "type", "mode", "inputs", "widgets_values"}], "links": […]}`, with subgraphs
under `definitions` and older groups under `extra`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provenance.evidence.text.parse_text import as_list, parse_json, as_object, as_text

_SILENT = frozenset({"2", "4"})  # modes of nodes that are muted or bypassed
_AFTER_SEED = ("fixed", "randomize", "increment", "decrement")
_NODES = 20_000
_BUNDLES = ("prompt", "workflow", "extra_pnginfo")

JsonValue = Mapping[str, object]


@dataclass(slots=True)
class Node:
    """One node: its class, what is set on it, what flows into it and where its results go."""

    kind: str
    values: dict[str, object] = field(default_factory=dict)
    """Settings by input name; those of UI graphs have no names and stand under their position."""
    links: dict[str, str] = field(default_factory=dict)
    """Input name -> id of the node that feeds it."""
    feeds: set[str] = field(default_factory=set)
    """Names of the inputs of other nodes that its results flow into; in UI graphs also the types of its results."""

    @property
    def inputs(self) -> set[str]:
        """Names of everything that it takes."""
        return {*self.values, *self.links}


Graph = dict[str, Node]


def find_graphs(value: object, depth: int = 2) -> Iterator[Graph]:
    """Every graph that a JSON value is or bundles: an API graph, a UI graph, or an object that holds such."""
    holder = as_object(parse_json(value) if isinstance(value, str) else value)
    if isinstance(holder.get("nodes"), list):
        yield _of_ui(holder)
    elif any(_is_api_node(entry) for entry in holder.values()):
        yield _of_api(holder)
    elif depth:
        for key in _BUNDLES:
            yield from find_graphs(holder.get(key), depth - 1)


def _is_api_node(entry: object) -> bool:
    node = as_object(entry)
    return isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _of_api(holder: JsonValue) -> Graph:
    entries = {key: as_object(entry) for key, entry in list(holder.items())[:_NODES] if _is_api_node(entry)}
    graph: Graph = {}
    for key, entry in entries.items():
        node = graph[key] = Node(as_text(entry["class_type"]))
        for name, value in as_object(entry["inputs"]).items():
            source = _linked(value)
            if source in entries:
                node.links[name.casefold()] = source
            else:
                node.values[name.casefold()] = value
    return _with_feeds(graph)


def _linked(value: object) -> str:
    """Id of the node that a link `[id, slot]` comes from; empty for a plain value."""
    return as_text(value[0]) if isinstance(value, list) and len(value) == 2 and isinstance(value[1], int) else ""


def _of_ui(holder: JsonValue) -> Graph:
    graph: Graph = {}
    for scope, part in enumerate(_parts(holder)):
        sources = _link_sources(part)
        for position, entry in enumerate(_active(part)):
            node = Node(as_text(entry.get("type")), _settings(entry))
            node.feeds = {as_text(as_object(output).get("type")).casefold() for output in as_list(entry.get("outputs"))}
            for slot in map(as_object, as_list(entry.get("inputs"))):
                name, link = as_text(slot.get("name")).casefold(), as_text(slot.get("link"))
                if link:
                    node.links[name] = f"{scope}:{sources[link]}" if link in sources else ""
                    node.values.pop(name, None)  # what flows in outweighs what is set
                elif "widget" in slot:
                    node.values.setdefault(name, None)
                elif "external" in part:  # nodes of a group name their slots but not their links
                    node.links[name] = ""
            key = as_text(entry.get("id"))
            graph[f"{scope}:{key if key != '-1' else f'#{position}'}"] = node
    return _with_feeds(graph)


def _parts(holder: JsonValue) -> Iterator[JsonValue]:
    """The graph itself, then every subgraph and group that an active node stands for."""
    subgraphs = as_list(as_object(holder.get("definitions")).get("subgraphs"))
    waiting = {as_text(sub.get("id")): sub for sub in map(as_object, subgraphs)}
    for name, group in as_object(as_object(holder.get("extra")).get("groupNodes")).items():
        waiting |= {f"workflow{mark}{name}": {"external": [], **as_object(group)} for mark in "/>"}
    parts = deque([holder])
    while parts:
        part = parts.popleft()
        yield part
        for node in _active(part):
            if sub := waiting.pop(as_text(node.get("type")), None):
                parts.append(sub)


def _active(part: JsonValue) -> Iterator[JsonValue]:
    """Nodes that take part: neither muted nor bypassed."""
    for entry in map(as_object, as_list(part.get("nodes"))[:_NODES]):
        if as_text(entry.get("type")) and as_text(entry.get("mode")) not in _SILENT:
            yield entry


def _link_sources(part: JsonValue) -> dict[str, str]:
    """Link id -> id of the node it comes from; links are `[id, node, slot, node, slot, type]` or objects.

    Where the list of links was left out, the slots of the nodes tell them.
    """
    sources = {}
    for entry in _active(part):
        for output in map(as_object, as_list(entry.get("outputs"))):
            sources.update(dict.fromkeys(map(as_text, as_list(output.get("links"))), as_text(entry.get("id"))))
    for link in as_list(part.get("links")):
        if isinstance(link, list) and len(link) >= 5:
            sources[as_text(link[0])] = as_text(link[1])
        elif isinstance(link, dict):
            sources[as_text(link.get("id"))] = as_text(link.get("origin_id"))
    return sources


def _settings(entry: JsonValue) -> dict[str, object]:
    """What is set on a node of a UI graph: by name where its slots name all of it, else by position.

    A number followed by what is to become of it is a seed, and the word that follows it no setting.
    """
    widgets = entry.get("widgets_values")
    if isinstance(widgets, dict):
        return {name.casefold(): value for name, value in widgets.items()}
    if not widgets:
        return {}
    settings: dict[str, object] = {}
    previous = ""
    for position, value in enumerate(as_list(widgets)):
        if previous and value in _AFTER_SEED and isinstance(settings[previous], int | float):
            settings["seed"] = settings.pop(previous)
            previous = ""
        else:
            previous = str(position)
            settings[previous] = value
    slots = (as_object(slot) for slot in as_list(entry.get("inputs")))
    names = [as_text(as_object(slot["widget"]).get("name")).casefold() for slot in slots if "widget" in slot]
    return dict(zip(names, settings.values(), strict=True)) if len(names) == len(settings) else settings


def _with_feeds(graph: Graph) -> Graph:
    for node in graph.values():
        for name, source in node.links.items():
            if source in graph:
                graph[source].feeds.add(name)
    return graph
