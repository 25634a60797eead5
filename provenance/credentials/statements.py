"""What one manifest says -> Statements, each with the exact assertion and action that says it.

Keys: `c2pa.created/digitalSourceType`, `…/softwareAgent`, `…/description`, `…/parameters/<name>` for an action;
`ingredient/<field>`, and `ingredient/inputTo/dataTypes` for what kind of thing was fed in; `metadata/<property>`;
`claim_generator`; `assertion/<label>` with compact JSON for everything else that is words and no picture or hash.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from provenance.credentials.manifests import (
    Ingredient,
    Visit,
    as_list,
    as_mapping,
    choose_heavier,
    list_actions,
    list_assertions,
    resolve_reference,
    strip_version,
)
from provenance.model.evidence import Statement
from provenance.model.vocabulary import About, Standing

_METADATA = ("c2pa.metadata", "cawg.metadata", "stds.iptc")
_NO_WORDS = (
    "c2pa.actions", "c2pa.ingredient", "c2pa.thumbnail", "c2pa.hash", "c2pa.icon", "c2pa.embedded-data",
    "c2pa.time-stamp", "c2pa.certificate-status", "cawg.identity", *_METADATA,
)  # fmt: skip
_REFERENCES = frozenset({"ingredient", "ingredients", "ingredientIds"})
_CLAIM = "claim"


class DraftStatement(NamedTuple):
    """A statement before it is known by whom it is carried and how far it can be believed."""

    where: str
    """Within the manifest: `c2pa.actions.v2, action 1`."""
    key: str
    value: str
    about: About
    label: str
    """Of the assertion, as the claim lists it."""


def make_statements(visit: Visit, standing: Standing, source: str = "") -> Iterator[Statement]:
    """Everything that the manifest says; `source` is the name of the sidecar it stands in.

    Assertions that the signer only gathered from elsewhere are signed, but not the signer's own word: never trusted.
    """
    place = _describe_place(visit, source)
    gathered = _gather(visit)
    for word in _words(visit):
        believed = standing
        if standing is Standing.TRUSTED and word.label in gathered:
            believed = Standing.SIGNED
        yield Statement("c2pa", f"{place}, {word.where}", word.key, word.value, believed, word.about)


def _describe_place(visit: Visit, source: str) -> str:
    """`still.c2pa: manifest urn:… (componentOf c2pa.ingredient)`."""
    place = f"active manifest {visit.label}"
    if visit.path:
        place = f"manifest {visit.label} ({' > '.join(visit.path)})"
    if source:
        place = f"{source}: {place}"
    return place


def _words(visit: Visit) -> Iterator[DraftStatement]:
    yield from _claim(visit)
    for part in visit.ingredients:
        yield from _ingredient(part, visit)
    for label, data in list_assertions(visit.manifest):
        name = strip_version(label)
        if name == "c2pa.actions" and isinstance(data, Mapping):
            yield from _actions(label, data, visit.about)
        elif name.startswith(_METADATA) and isinstance(data, Mapping):
            for key, value in data.items():
                for text in _texts(value):
                    yield DraftStatement(label, f"metadata/{key}", text, visit.about, label)
        elif not name.startswith(_NO_WORDS):
            yield DraftStatement(label, f"assertion/{name}", _text(data), visit.about, label)


def _claim(visit: Visit) -> Iterator[DraftStatement]:
    claim = visit.manifest.get("claim.v2") or visit.manifest.get("claim") or {}
    # Version 1 names the generator as a text and a list of objects, version 2 as one object.
    info = claim.get("claim_generator_info")
    infos = as_list(info) or [info]
    names = [_agent(claim.get("claim_generator")), *(_agent(info) for info in infos)]
    for name in dict.fromkeys(names):
        if name:
            yield DraftStatement(_CLAIM, "claim_generator", name, visit.about, _CLAIM)
    if claim.get("redacted_assertions"):
        yield DraftStatement(_CLAIM, "redacted_assertions", _text(claim["redacted_assertions"]), visit.about, _CLAIM)


def _gather(visit: Visit) -> frozenset[str]:
    """Labels of assertions that a claim of version 2 does not call its own.

    Empty when it calls nothing its own but hashes: so the common signing library does when nobody tells it the
    difference, and such a signer stands for all that it signed.
    """
    own = [label for label in _list_values(visit, "created_assertions") if not label.startswith("c2pa.hash.")]
    if not own:
        return frozenset()
    return frozenset(_list_values(visit, "gathered_assertions"))


def _list_values(visit: Visit, field: str) -> list[str]:
    rows = as_list((visit.manifest.get("claim.v2") or {}).get(field))
    places = [resolve_reference(row, visit.label) for row in rows]
    return [place.assertion for place in places if place]


def _ingredient(part: Ingredient, visit: Visit) -> Iterator[DraftStatement]:
    label = part.place.assertion
    where = f"{label} ({part.relationship})"
    about = choose_heavier(visit.about, part.about)
    for key, names in (
        ("title", ("dc:title", "title")),
        ("digitalSourceType", ("digitalSourceType", "digital_source_type")),
        ("description", ("description",)),
        ("metadata", ("metadata",)),
    ):
        value = next((part.data[name] for name in names if part.data.get(name)), None)
        split = _texts if key == "digitalSourceType" else _whole
        for text in split(value):
            yield DraftStatement(where, f"ingredient/{key}", text, about, label)
    kinds = part.data.get("dataTypes") or part.data.get("data_types")
    if kinds:
        # The kinds of what was fed in say how this manifest's own asset was made.
        yield DraftStatement(where, f"ingredient/{part.relationship}/dataTypes", _text(kinds), visit.about, label)


def _actions(label: str, data: Mapping[str, Any], about: About) -> Iterator[DraftStatement]:
    agents = as_list(data.get("softwareAgents"))
    for key, noun in (("actions", "action"), ("templates", "template")):
        for number, action in enumerate(list_actions(data, key), 1):
            for field, value in _fields(action, agents):
                yield DraftStatement(f"{label}, {noun} {number}", field, value, about, label)
    for text in _whole(data.get("metadata")):
        yield DraftStatement(label, "actions/metadata", text, about, label)


def _fields(action: Mapping[str, Any], agents: list[Any]) -> Iterator[tuple[str, str]]:
    name = str(action.get("action"))
    yield "action", name
    for text in _texts(action.get("digitalSourceType")):
        yield f"{name}/digitalSourceType", text
    agent = _agent(action.get("softwareAgent"))
    index = action.get("softwareAgentIndex")
    if not agent and isinstance(index, int) and 0 <= index < len(agents):
        agent = _agent(agents[index])
    if agent:
        yield f"{name}/softwareAgent", agent
    for field in ("description", "changes", "reason", "metadata"):
        for text in _whole(action.get(field)):
            yield f"{name}/{field}", text
    for field, value in as_mapping(action.get("parameters")).items():
        if field == "description":
            yield f"{name}/description", _text(value)
        elif field not in _REFERENCES:
            yield f"{name}/parameters/{field}", _text(value)


def _agent(value: object) -> str:
    """Name and version of a program, from a text or from an object."""
    if isinstance(value, Mapping):
        parts = [value.get("name"), value.get("version")]
        return " ".join(str(part) for part in parts if isinstance(part, str | int | float))
    if isinstance(value, str):
        return value
    return ""


def _texts(value: object) -> Iterator[str]:
    """A text, each of several, or the one that a JSON-LD node refers to."""
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("@id"), str):
            yield item["@id"]
        else:
            yield from _whole(item)


def _whole(value: object) -> Iterator[str]:
    if value not in (None, "", [], {}):
        yield _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
