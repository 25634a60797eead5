"""The manifests of a store, from the active one through its ingredients, and the subject of each.

A manifest store is a graph: each manifest names the ingredients of its asset and their relationship. `walk` visits
every manifest that the active one is based on, each once and by the most direct path. Cycles are allowed.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from provenance.model.vocabulary import About

_PRECEDENCE = (About.ASSET, About.PARENT, About.COMPONENT, About.INPUT, About.REMOVED)
"""Subjects of manifests, the most direct first."""
_RELATIONSHIPS = {"parentOf": About.PARENT, "componentOf": About.COMPONENT, "inputTo": About.INPUT}
_PLACING_ACTIONS = frozenset({"c2pa.placed", "c2pa.opened"})
_VERSION_AND_INSTANCE = re.compile(r"(\.v\d+)?(__\d+)?$")

StoreJson = Mapping[str, Any]


def as_mapping(value: object) -> StoreJson:
    """The value if it is a JSON object, else an empty one: a hostile manifest may contain anything anywhere."""
    if isinstance(value, Mapping):
        return value
    return {}


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    if isinstance(value, list):
        return value
    return []


class Place(NamedTuple):
    """Key of an assertion in a store: label of its manifest, label of the assertion."""

    manifest: str
    assertion: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One ingredient assertion of a manifest."""

    place: Place
    relationship: str
    about: About
    """Its relation to the asset of the manifest that names it."""
    data: StoreJson
    """Content of the assertion."""

    @property
    def manifest(self) -> str | None:
        """Label of the ingredient's own manifest, if it has one."""
        # The name of the field in version 3 of the assertion, and in the versions before.
        reference = self.data.get("activeManifest") or self.data.get("c2pa_manifest")
        place = resolve_reference(reference, self.place.manifest)
        if place is None:
            return None
        return place.manifest

    @property
    def recorded(self) -> frozenset[str]:
        """Validation codes that were stored when the ingredient was added."""
        # Version 2 of the specification stores results by kind, version 1 one list of statuses.
        results = self.data.get("validationResults") or self.data.get("validation_results")
        lists = list(as_mapping(as_mapping(results).get("activeManifest")).values())
        lists.append(self.data.get("validationStatus") or self.data.get("validation_status"))
        codes = set()
        for rows in lists:
            for row in as_list(rows):
                if isinstance(row, Mapping):
                    codes.add(str(row.get("code")))
        return frozenset(codes)


@dataclass(frozen=True, slots=True)
class Visit:
    """One manifest on the walk."""

    manifest: StoreJson
    about: About
    path: tuple[str, ...] = ()
    """Relationships from the active manifest to this one: `componentOf c2pa.ingredient.v3__1`."""
    recorded: frozenset[str] = frozenset()
    """Validation codes that the manifest before it on the path stored about it."""
    ingredients: tuple[Ingredient, ...] = ()

    @property
    def label(self) -> str:
        """The manifest's own label, unique within its store."""
        return str(self.manifest.get("label"))


def strip_version(label: str) -> str:
    """A label without version and instance: `c2pa.ingredient.v3__2` is a `c2pa.ingredient`."""
    return _VERSION_AND_INSTANCE.sub("", label)


def combine_about(one: About, other: About) -> About:
    """The subject at the end of a path over two relations: the less direct one of the two."""
    # The input of a component is an input: it need not be visible in the asset, although the component is.
    return max(one, other, key=_PRECEDENCE.index)


def walk(document: StoreJson, depth: int) -> Iterator[Visit]:
    """Every manifest that the active one is based on, itself first; no path is longer than `depth` relationships."""
    manifests = [row for row in document.get("manifests") or () if isinstance(row, Mapping)]
    if not manifests:
        return
    # Reversed, so that of two manifests with one label the first counts.
    by_label = {str(row.get("label")): row for row in reversed(manifests)}
    removed = _find_removals(manifests)
    # Dijkstra's algorithm over precedences: the first path that reaches a manifest is the most direct one. The running
    # number keeps the order of the file among equals, and the heap from comparing labels and visits.
    number = itertools.count()
    queue: list[tuple[int, int, str, Visit]] = []

    def enqueue(label: str, visit: Visit) -> None:
        heapq.heappush(queue, (_PRECEDENCE.index(visit.about), next(number), label, visit))

    # The C2PA library lists the active manifest first.
    enqueue(str(manifests[0].get("label")), Visit(manifests[0], About.ASSET))
    visited: set[str] = set()
    while queue:
        *_, label, visit = heapq.heappop(queue)
        if label in visited:
            continue
        visited.add(label)
        ingredients = _name_sole_parent(visit.manifest, tuple(_list_ingredients(visit.manifest, removed)))
        yield Visit(visit.manifest, visit.about, visit.path, visit.recorded, ingredients)
        if len(visit.path) >= depth:
            continue
        for ingredient in ingredients:
            target = ingredient.manifest
            if target in by_label:
                about = combine_about(visit.about, ingredient.about)
                path = (*visit.path, f"{ingredient.relationship} {ingredient.place.assertion}")
                enqueue(target, Visit(by_label[target], about, path, ingredient.recorded))


def list_assertions(manifest: StoreJson) -> Iterator[tuple[str, Any]]:
    """Label and content of every assertion, in the order of the file."""
    yield from as_mapping(manifest.get("assertions")).items()


def list_actions(data: object, key: str = "actions") -> Iterator[StoreJson]:
    """The actions (or templates) of an actions assertion."""
    for row in as_list(as_mapping(data).get(key)):
        if isinstance(row, Mapping):
            yield row


def resolve_reference(reference: object, manifest: str) -> Place | None:
    """The assertion that a hashed URI points to, by default in `manifest`; None for any other value."""
    url = as_mapping(reference).get("url")
    if not isinstance(url, str) or not url.startswith("self#jumbf="):
        return None
    head, _, assertion = url.removeprefix("self#jumbf=").partition("c2pa.assertions/")
    # Absolute, `self#jumbf=/c2pa/<label>/c2pa.assertions/<assertion>`, or relative without `/c2pa/<label>/`.
    parts = head.strip("/").split("/")
    if len(parts) > 1:
        manifest = parts[1]
    return Place(manifest, assertion)


def _list_ingredients(manifest: StoreJson, removed: frozenset[Place]) -> Iterator[Ingredient]:
    for label, data in list_assertions(manifest):
        if strip_version(label) == "c2pa.ingredient" and isinstance(data, Mapping):
            place = Place(str(manifest.get("label")), label)
            relationship = str(data.get("relationship"))
            # An unknown relationship is treated as a component, which may be visible in the asset.
            about = _RELATIONSHIPS.get(relationship, About.COMPONENT)
            if about is About.COMPONENT and place in removed:
                about = About.REMOVED
            yield Ingredient(place, relationship, about, data)


def _name_sole_parent(manifest: StoreJson, ingredients: tuple[Ingredient, ...]) -> tuple[Ingredient, ...]:
    """Treat the only component of a manifest without actions as its parent."""
    # Where nothing was done and nothing else was put in, the asset is what the component is. Signers of downloads write
    # such manifests: a part of what would the picture be?
    has_actions = any(
        strip_version(label) == "c2pa.actions" and any(list_actions(data)) for label, data in list_assertions(manifest)
    )
    if has_actions or len(ingredients) != 1 or ingredients[0].about is not About.COMPONENT:
        return ingredients
    return (dataclasses.replace(ingredients[0], about=About.PARENT),)


def _find_removals(manifests: list[StoreJson]) -> frozenset[Place]:
    """Ingredients that an action removed and no later action placed again, in the same manifest or a later one."""
    removed: set[Place] = set()
    # Oldest first: an ingredient that a later manifest placed again is in the asset.
    for manifest in reversed(manifests):
        for label, data in list_assertions(manifest):
            if strip_version(label) != "c2pa.actions":
                continue
            for action in list_actions(data):
                if action.get("action") == "c2pa.removed":
                    removed.update(_find_ingredients_of(action, manifest))
                elif action.get("action") in _PLACING_ACTIONS:
                    removed.difference_update(_find_ingredients_of(action, manifest))
    return frozenset(removed)


def _find_ingredients_of(action: StoreJson, manifest: StoreJson) -> Iterator[Place]:
    """The ingredients that an action names by hashed URI, or, in version 1 of the specification, by instance id."""
    label = str(manifest.get("label"))
    parameters = as_mapping(action.get("parameters"))
    for reference in [parameters.get("ingredient"), *as_list(parameters.get("ingredients"))]:
        place = resolve_reference(reference, label)
        if place:
            yield place
    instance = action.get("instanceId") or parameters.get("instanceId")
    if not instance:
        return
    for name, data in list_assertions(manifest):
        is_ingredient = strip_version(name) == "c2pa.ingredient"
        if is_ingredient and as_mapping(data).get("instanceID") == instance:
            yield Place(label, name)
