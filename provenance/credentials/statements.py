"""One manifest -> Statements, each with the exact assertion and action that makes it.

Keys: `c2pa.created/digitalSourceType`, `…/softwareAgent`, `…/description`, `…/parameters/<name>` for an action;
`ingredient/<field>`, and `ingredient/inputTo/dataTypes` for the kind of an input; `metadata/<property>`;
`claim_generator`; `assertion/<label>` with compact JSON for every other assertion that is not a picture or a hash.
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
    combine_about,
    list_actions,
    list_assertions,
    resolve_reference,
    strip_version,
)
from provenance.model.evidence import Statement
from provenance.model.vocabulary import About, Standing

_METADATA_ASSERTIONS = ("c2pa.metadata", "cawg.metadata", "stds.iptc")
# Read in a way of their own, or without any text that describes the asset: pictures, hashes, certificates.
_OTHER_ASSERTIONS = (
    "c2pa.actions", "c2pa.ingredient", "c2pa.thumbnail", "c2pa.hash", "c2pa.icon", "c2pa.embedded-data",
    "c2pa.time-stamp", "c2pa.certificate-status", "cawg.identity", *_METADATA_ASSERTIONS,
)  # fmt: skip
# Parameters of an action that point to ingredients, which have statements of their own.
_REFERENCES = frozenset({"ingredient", "ingredients", "ingredientIds"})

# Fields of an ingredient by the name of their key, with their spellings in the versions of the specification.
_INGREDIENT_FIELDS = (
    ("title", ("dc:title", "title")),
    ("digitalSourceType", ("digitalSourceType", "digital_source_type")),
    ("description", ("description",)),
    ("metadata", ("metadata",)),
)

_CLAIM = "claim"


class DraftStatement(NamedTuple):
    """A statement without carrier and standing, which are decided later."""

    where: str
    """Within the manifest: `c2pa.actions.v2, action 1`."""
    key: str
    value: str
    about: About
    label: str
    """Label of the assertion, as the claim lists it."""


def make_statements(visit: Visit, standing: Standing, source: str = "") -> Iterator[Statement]:
    """Everything that the manifest says. `source`: name of the sidecar that contains it, empty for an embedded one."""
    place = _describe_place(visit, source)
    gathered = _find_gathered_assertions(visit)
    for draft in _draft_statements(visit):
        own_standing = standing
        # The signer vouches only for assertions of their own: gathered ones come from somebody else.
        if standing is Standing.TRUSTED and draft.label in gathered:
            own_standing = Standing.SIGNED
        yield Statement("c2pa", f"{place}, {draft.where}", draft.key, draft.value, own_standing, draft.about)


def _describe_place(visit: Visit, source: str) -> str:
    """`still.c2pa: manifest urn:… (componentOf c2pa.ingredient)`."""
    place = f"active manifest {visit.label}"
    if visit.path:
        place = f"manifest {visit.label} ({' > '.join(visit.path)})"
    if source:
        place = f"{source}: {place}"
    return place


def _draft_statements(visit: Visit) -> Iterator[DraftStatement]:
    yield from _read_claim(visit)
    for ingredient in visit.ingredients:
        yield from _read_ingredient(ingredient, visit)
    for label, data in list_assertions(visit.manifest):
        name = strip_version(label)
        if name == "c2pa.actions" and isinstance(data, Mapping):
            yield from _read_actions(label, data, visit.about)
        elif name.startswith(_METADATA_ASSERTIONS) and isinstance(data, Mapping):
            for key, value in data.items():
                for text in _list_texts(value):
                    yield DraftStatement(label, f"metadata/{key}", text, visit.about, label)
        elif not name.startswith(_OTHER_ASSERTIONS):
            yield DraftStatement(label, f"assertion/{name}", _format_value(data), visit.about, label)


def _read_claim(visit: Visit) -> Iterator[DraftStatement]:
    claim = visit.manifest.get("claim.v2") or visit.manifest.get("claim") or {}
    # Version 1 names the generator as a text and a list of objects, version 2 as one object.
    info = claim.get("claim_generator_info")
    infos = as_list(info) or [info]
    # One signer often gives the same name in both fields: it is one statement.
    names = dict.fromkeys([_format_agent(claim.get("claim_generator")), *map(_format_agent, infos)])
    for name in names:
        if name:
            yield DraftStatement(_CLAIM, "claim_generator", name, visit.about, _CLAIM)
    redacted = claim.get("redacted_assertions")
    if redacted:
        yield DraftStatement(_CLAIM, "redacted_assertions", _format_value(redacted), visit.about, _CLAIM)


def _find_gathered_assertions(visit: Visit) -> frozenset[str]:
    """Labels of the assertions that a claim of version 2 lists as gathered from elsewhere, not as the signer's own."""
    created = _list_references(visit, "created_assertions")
    own = [label for label in created if not label.startswith("c2pa.hash.")]
    # The common signing library lists everything but the hashes as gathered unless its user specifies it. A signer
    # without any own assertion is such a user, and is taken to vouch for everything that was signed.
    if not own:
        return frozenset()
    return frozenset(_list_references(visit, "gathered_assertions"))


def _list_references(visit: Visit, field: str) -> list[str]:
    """Labels of the assertions that one list of a claim of version 2 refers to."""
    references = as_list((visit.manifest.get("claim.v2") or {}).get(field))
    places = [resolve_reference(reference, visit.label) for reference in references]
    return [place.assertion for place in places if place]


def _read_ingredient(ingredient: Ingredient, visit: Visit) -> Iterator[DraftStatement]:
    label = ingredient.place.assertion
    data = ingredient.data
    where = f"{label} ({ingredient.relationship})"
    about = combine_about(visit.about, ingredient.about)
    for key, spellings in _INGREDIENT_FIELDS:
        value = _get_first(data, spellings)
        texts = _format_present(value)
        if key == "digitalSourceType":
            texts = _list_texts(value)
        for text in texts:
            yield DraftStatement(where, f"ingredient/{key}", text, about, label)
    kinds = data.get("dataTypes") or data.get("data_types")
    if kinds:
        # The kind of an input (a model, a prompt) shows how this manifest's own asset was made.
        key = f"ingredient/{ingredient.relationship}/dataTypes"
        yield DraftStatement(where, key, _format_value(kinds), visit.about, label)


def _get_first(data: Mapping[str, Any], names: tuple[str, ...]) -> object:
    """The first value that is not empty; None if there is none."""
    for name in names:
        if data.get(name):
            return data[name]
    return None


def _read_actions(label: str, data: Mapping[str, Any], about: About) -> Iterator[DraftStatement]:
    agents = as_list(data.get("softwareAgents"))
    for key, noun in (("actions", "action"), ("templates", "template")):
        for number, action in enumerate(list_actions(data, key), 1):
            for field, value in _list_fields(action, agents):
                yield DraftStatement(f"{label}, {noun} {number}", field, value, about, label)
    for text in _format_present(data.get("metadata")):
        yield DraftStatement(label, "actions/metadata", text, about, label)


def _list_fields(action: Mapping[str, Any], agents: list[Any]) -> Iterator[tuple[str, str]]:
    """Key and value of everything that an action says. `agents`: programs that the whole assertion lists."""
    name = str(action.get("action"))
    yield "action", name
    for text in _list_texts(action.get("digitalSourceType")):
        yield f"{name}/digitalSourceType", text
    agent = _format_agent(action.get("softwareAgent"))
    index = action.get("softwareAgentIndex")
    # Version 2 of the assertion lists programs once and lets actions refer to them by index.
    if not agent and isinstance(index, int) and 0 <= index < len(agents):
        agent = _format_agent(agents[index])
    if agent:
        yield f"{name}/softwareAgent", agent
    for field in ("description", "changes", "reason", "metadata"):
        for text in _format_present(action.get(field)):
            yield f"{name}/{field}", text
    for field, value in as_mapping(action.get("parameters")).items():
        # Version 1 has the description among the parameters.
        if field == "description":
            yield f"{name}/description", _format_value(value)
        elif field not in _REFERENCES:
            yield f"{name}/parameters/{field}", _format_value(value)


def _format_agent(value: object) -> str:
    """Name and version of a program, from a text or from an object; "" for anything else."""
    if isinstance(value, Mapping):
        parts = [value.get("name"), value.get("version")]
        return " ".join(str(part) for part in parts if isinstance(part, str | int | float))
    if isinstance(value, str):
        return value
    return ""


def _list_texts(value: object) -> Iterator[str]:
    """A text, each text of a list, or the address of a JSON-LD node."""
    items = [value]
    if isinstance(value, list):
        items = value
    for item in items:
        # CBOR assertions contain the address as a text, JSON-LD ones as `{"@id": "…"}`.
        if isinstance(item, Mapping) and isinstance(item.get("@id"), str):
            yield item["@id"]
        else:
            yield from _format_present(item)


def _format_present(value: object) -> Iterator[str]:
    """The value as one text; nothing for an empty value. False and 0 are values."""
    if value not in (None, "", [], {}):
        yield _format_value(value)


def _format_value(value: object) -> str:
    """A text as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
