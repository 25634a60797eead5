"""From the active manifest of a store through its ingredients: which manifest speaks of what.

A manifest store is a graph: each manifest names what it was made from, and how. The walk visits every manifest that the
active one rests on, each once and by the weightiest way that leads to it, whatever circles the graph may hold.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from provenance.model.vocabulary import About

_WEIGHT = (About.ASSET, About.PARENT, About.COMPONENT, About.INPUT, About.REMOVED)
_RELATIONS = {"parentOf": About.PARENT, "componentOf": About.COMPONENT, "inputTo": About.INPUT}
_PLACING = frozenset({"c2pa.placed", "c2pa.opened"})
_INSTANCE = re.compile(r"(\.v\d+)?(__\d+)?$")

StoreJson = Mapping[str, Any]


def as_mapping(value: object) -> StoreJson:
    """The value when it is an object, else an empty one: a hostile manifest may hold anything anywhere."""
    if isinstance(value, Mapping):
        return value
    return {}


def as_list(value: object) -> list[Any]:
    """The value when it is a list, else an empty one."""
    if isinstance(value, list):
        return value
    return []


class Place(NamedTuple):
    """An assertion within a store: label of its manifest, label of the assertion."""

    manifest: str
    assertion: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What a manifest says about one thing it was made from."""

    place: Place
    relationship: str
    about: About
    """Of what it speaks, seen from the manifest that names it."""
    data: StoreJson

    @property
    def manifest(self) -> str | None:
        """Label of the ingredient's own manifest, when it came with one."""
        named = self.data.get("activeManifest") or self.data.get("c2pa_manifest")
        place = resolve_reference(named, self.place.manifest)
        if place is None:
            return None
        return place.manifest

    @property
    def recorded(self) -> frozenset[str]:
        """Validation codes that were written down when the ingredient was taken in."""
        # Version 2 of the specification keeps results by kind, version 1 one list of statuses.
        results = self.data.get("validationResults") or self.data.get("validation_results")
        lists = list(as_mapping(as_mapping(results).get("activeManifest")).values())
        lists.append(self.data.get("validationStatus") or self.data.get("validation_status"))
        rows = itertools.chain.from_iterable(as_list(rows) for rows in lists)
        return frozenset(str(row.get("code")) for row in rows if isinstance(row, Mapping))


@dataclass(frozen=True, slots=True)
class Visit:
    """One manifest on the walk."""

    manifest: StoreJson
    about: About
    path: tuple[str, ...] = ()
    """Relations from the active manifest down to this one: `componentOf c2pa.ingredient.v3__1`."""
    recorded: frozenset[str] = frozenset()
    ingredients: tuple[Ingredient, ...] = ()

    @property
    def label(self) -> str:
        """The manifest's own label, unique within its store."""
        return str(self.manifest.get("label"))


def strip_version(label: str) -> str:
    """A label without version and instance: `c2pa.ingredient.v3__2` is a `c2pa.ingredient`."""
    return _INSTANCE.sub("", label)


def choose_heavier(one: About, other: About) -> About:
    """Which of two takes precedence along one way: what was fed to a component need not show in the asset."""
    return max(one, other, key=_WEIGHT.index)


def walk(document: StoreJson, depth: int) -> Iterator[Visit]:
    """Every manifest that the active one rests on, itself first; no way is longer than `depth`."""
    manifests = [row for row in document.get("manifests") or () if isinstance(row, Mapping)]
    labelled = {str(row.get("label")): row for row in reversed(manifests)}
    taken_out = _find_removals(manifests)
    order = itertools.count()
    ways: list[tuple[int, int, str, Visit]] = []

    def go(label: str, visit: Visit) -> None:
        heapq.heappush(ways, (_WEIGHT.index(visit.about), next(order), label, visit))

    if manifests:
        go(str(manifests[0].get("label")), Visit(manifests[0], About.ASSET))
    seen: set[str] = set()
    while ways:
        *_, label, visit = heapq.heappop(ways)
        if label in seen:
            continue
        seen.add(label)
        ingredients = tuple(_ingredients(visit.manifest, taken_out))
        yield Visit(visit.manifest, visit.about, visit.path, visit.recorded, ingredients)
        for part in ingredients:
            below = part.manifest
            if below in labelled and len(visit.path) < depth:
                path = (*visit.path, f"{part.relationship} {part.place.assertion}")
                go(below, Visit(labelled[below], choose_heavier(visit.about, part.about), path, part.recorded))


def list_assertions(manifest: StoreJson) -> Iterator[tuple[str, Any]]:
    """Label and content of every assertion, in the order in which they stand."""
    yield from as_mapping(manifest.get("assertions")).items()


def list_actions(data: object, key: str = "actions") -> Iterator[StoreJson]:
    """The actions (or templates) of an actions assertion."""
    for row in as_list(as_mapping(data).get(key)):
        if isinstance(row, Mapping):
            yield row


def resolve_reference(reference: object, manifest: str) -> Place | None:
    """What a hashed URI points to; without the label of a manifest it stays in `manifest`."""
    url = as_mapping(reference).get("url")
    if not isinstance(url, str) or not url.startswith("self#jumbf="):
        return None
    head, _, assertion = url.removeprefix("self#jumbf=").partition("c2pa.assertions/")
    # `self#jumbf=/c2pa/<label>/c2pa.assertions/<assertion>`, or without the first part.
    parts = head.strip("/").split("/")
    if len(parts) > 1:
        manifest = parts[1]
    return Place(manifest, assertion)


def _ingredients(manifest: StoreJson, taken_out: frozenset[Place]) -> Iterator[Ingredient]:
    for label, data in list_assertions(manifest):
        if strip_version(label) == "c2pa.ingredient" and isinstance(data, Mapping):
            place = Place(str(manifest.get("label")), label)
            relationship = str(data.get("relationship"))
            about = _RELATIONS.get(relationship, About.COMPONENT)
            if about is About.COMPONENT and place in taken_out:
                about = About.REMOVED
            yield Ingredient(place, relationship, about, data)


def _find_removals(manifests: list[StoreJson]) -> frozenset[Place]:
    """Ingredients that an action took out and none placed again, in this manifest or a later one."""
    out: set[Place] = set()
    # Oldest first: what a later manifest placed again has not been removed.
    for manifest in reversed(manifests):
        for label, data in list_assertions(manifest):
            if strip_version(label) != "c2pa.actions":
                continue
            for action in list_actions(data):
                if action.get("action") == "c2pa.removed":
                    out.update(_find_ingredients_of(action, manifest))
                elif action.get("action") in _PLACING:
                    out.difference_update(_find_ingredients_of(action, manifest))
    return frozenset(out)


def _find_ingredients_of(action: StoreJson, manifest: StoreJson) -> Iterator[Place]:
    """The ingredients that an action names: by hashed URI, or as the first version did by instance."""
    label = str(manifest.get("label"))
    parameters = as_mapping(action.get("parameters"))
    for reference in [parameters.get("ingredient"), *as_list(parameters.get("ingredients"))]:
        if place := resolve_reference(reference, label):
            yield place
    instance = action.get("instanceId") or parameters.get("instanceId")
    if not instance:
        return
    for name, data in list_assertions(manifest):
        is_ingredient = strip_version(name) == "c2pa.ingredient"
        if is_ingredient and as_mapping(data).get("instanceID") == instance:
            yield Place(label, name)
