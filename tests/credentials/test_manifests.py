from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.credentials.manifests import Place, resolve_reference, walk
from provenance.credentials.statements import make_statements
from provenance.model.evidence import Statement
from provenance.model.vocabulary import About, Standing

ABOVE = "self#jumbf=/c2pa/"


def ingredient(below: str | None, relationship: str = "parentOf", **more: Any) -> dict[str, Any]:
    told = {"activeManifest": {"url": ABOVE + below}} if below else {}
    return {"relationship": relationship, "dc:title": "part", **told, **more}


def manifest(label: str, **assertions: Any) -> dict[str, Any]:
    """`c2pa_ingredient_v3__1` stands for `c2pa.ingredient.v3__1`."""
    labels = {re.sub("(?<!_)_(?!_)", ".", name): value for name, value in assertions.items()}
    return {"label": label, "assertions": labels}


def walked(*manifests: dict[str, Any], depth: int = 32) -> dict[str, About]:
    return {visit.label: visit.about for visit in walk({"manifests": list(manifests)}, depth)}


def said(given: dict[str, Any], *more: dict[str, Any]) -> list[Statement]:
    visits = walk({"manifests": [given, *more]}, 32)
    return [row for visit in visits for row in make_statements(visit, Standing.TRUSTED)]


def test_every_manifest_below_the_active_one_is_visited_by_its_relation() -> None:
    top = manifest("top", c2pa_ingredient=ingredient("mid"), c2pa_ingredient_v3__1=ingredient("side", "componentOf"))
    told = walked(top, manifest("mid", c2pa_ingredient=ingredient("low", "inputTo")), manifest("low"), manifest("side"))
    assert told == {"top": About.ASSET, "mid": About.PARENT, "side": About.COMPONENT, "low": About.INPUT}


def test_circles_and_unknown_labels_end() -> None:
    first = manifest("a", c2pa_ingredient=ingredient("b"))
    second = manifest("b", c2pa_ingredient=ingredient("a"), c2pa_ingredient__1=ingredient("nowhere"))
    assert walked(first, second) == {"a": About.ASSET, "b": About.PARENT}


def test_the_weightiest_way_counts_when_there_are_several() -> None:
    ways = {"c2pa_ingredient": ingredient("x", "inputTo"), "c2pa_ingredient__1": ingredient("x", "componentOf")}
    assert walked(manifest("top", **ways), manifest("x"))["x"] is About.COMPONENT


def test_a_lone_component_without_actions_is_what_the_asset_is() -> None:
    part = manifest("part", c2pa_actions={"actions": [{"action": "c2pa.created", "digitalSourceType": "x"}]})
    lone = {"c2pa_ingredient_v3": ingredient("part", "componentOf")}
    assert walked(manifest("top", **lone), part)["part"] is About.PARENT
    assert walked(manifest("top", **lone, c2pa_actions={"actions": []}), part)["part"] is About.PARENT
    # A second one, an action, or another relation leaves a component what it is.
    second = {"c2pa_ingredient_v3__1": ingredient(None, "componentOf")}
    assert walked(manifest("top", **lone, **second), part)["part"] is About.COMPONENT
    placed = {"c2pa_actions_v2": {"actions": [{"action": "c2pa.placed"}]}}
    assert walked(manifest("top", **lone, **placed), part)["part"] is About.COMPONENT
    assert walked(manifest("top", c2pa_ingredient=ingredient("part", "inputTo")), part)["part"] is About.INPUT
    # The component of such a component is one level further down, and the same holds there.
    middle = manifest("middle", c2pa_ingredient=ingredient("part", "componentOf"))
    assert walked(manifest("top", c2pa_ingredient=ingredient("middle", "componentOf")), middle, part) == {
        "top": About.ASSET, "middle": About.PARENT, "part": About.PARENT,
    }  # fmt: skip
    # The component itself need not have a manifest to say what it is.
    [row] = [
        row for row in said(manifest("top", c2pa_ingredient=ingredient(None, "componentOf", digitalSourceType="ai")))
        if row.key == "ingredient/digitalSourceType"
    ]  # fmt: skip
    assert row.about is About.PARENT


def test_what_was_fed_to_a_component_is_an_input() -> None:
    part = manifest("part", c2pa_ingredient=ingredient("fed", "inputTo"))
    top = manifest("top", c2pa_ingredient=ingredient("part", "componentOf"))
    assert walked(top, part, manifest("fed"))["fed"] is About.INPUT


def test_no_way_is_longer_than_the_depth() -> None:
    chain = [manifest(str(n), c2pa_ingredient=ingredient(str(n + 1))) for n in range(50)]
    assert len(walked(*chain, depth=7)) == 8


def test_removal_is_found_by_relative_absolute_and_instance_references() -> None:
    part = ingredient("x", "componentOf", instanceID="iid:1")
    for parameters in (
        {"ingredients": [{"url": "self#jumbf=c2pa.assertions/c2pa.ingredient"}]},
        {"ingredient": {"url": ABOVE + "top/c2pa.assertions/c2pa.ingredient"}},
        {"instanceId": "iid:1"},
    ):
        done = {"actions": [{"action": "c2pa.removed", "parameters": parameters}]}
        assert walked(manifest("top", c2pa_ingredient=part, c2pa_actions=done), manifest("x"))["x"] is About.REMOVED
        again = {"actions": [*done["actions"], {"action": "c2pa.placed", "parameters": parameters}]}
        assert walked(manifest("top", c2pa_ingredient=part, c2pa_actions=again), manifest("x"))["x"] is About.COMPONENT


def test_a_parent_cannot_be_removed_out_of_sight() -> None:
    done = {
        "actions": [
            {
                "action": "c2pa.removed",
                "parameters": {"ingredient": {"url": "self#jumbf=c2pa.assertions/c2pa.ingredient"}},
            }
        ]
    }
    top = manifest("top", c2pa_ingredient=ingredient("x"), c2pa_actions=done)
    assert walked(top, manifest("x"))["x"] is About.PARENT


def test_references_are_resolved_within_their_manifest_or_away_from_it() -> None:
    assert resolve_reference({"url": "self#jumbf=c2pa.assertions/a"}, "m") == Place("m", "a")
    assert resolve_reference({"url": ABOVE + "n/c2pa.assertions/a"}, "m") == Place("n", "a")
    assert resolve_reference({"url": ABOVE + "n"}, "m") == Place("n", "")
    assert resolve_reference({"url": "https://elsewhere/"}, "m") is None
    assert resolve_reference("n", "m") is None


def test_codes_recorded_at_intake_are_read_in_both_versions() -> None:
    new = {"validationResults": {"activeManifest": {"success": [{"code": "a"}], "failure": [{"code": "b"}]}}}
    old = {"validationStatus": [{"code": "c"}]}
    (visit,) = walk({"manifests": [manifest("t", c2pa_ingredient={**new, **old})]}, 3)
    assert visit.ingredients[0].recorded == {"a", "b", "c"}


def test_words_of_an_action_stand_at_one_place() -> None:
    action = {
        "action": "c2pa.edited",
        "digitalSourceType": "x",
        "softwareAgentIndex": 0,
        "description": "filled",
        "parameters": {"com.adobe.tool": "generative_fill", "ingredients": [{"url": "u"}]},
    }
    rows = said(
        manifest(
            "m",
            c2pa_actions_v2={
                "actions": [{"action": "c2pa.opened"}, action],
                "softwareAgents": [{"name": "P", "version": 3}],
            },
        )
    )
    told = {row.key: row.value for row in rows if row.where == "active manifest m, c2pa.actions.v2, action 2"}
    assert told == {
        "action": "c2pa.edited",
        "c2pa.edited/digitalSourceType": "x",
        "c2pa.edited/softwareAgent": "P 3",
        "c2pa.edited/description": "filled",
        "c2pa.edited/parameters/com.adobe.tool": "generative_fill",
    }


def test_metadata_assertions_inputs_and_claims_are_words_but_thumbnails_are_not() -> None:
    made = manifest(
        "m",
        cawg_metadata={"Iptc4xmpExt:DigitalSourceType": {"@id": "uri"}, "dc:subject": ["one", "two"]},
        c2pa_ingredient_v3={"relationship": "inputTo", "dataTypes": [{"type": "c2pa.types.generator"}]},
        c2pa_thumbnail_claim={"hash": "x"},
        com_maker_note={"a": 1},
    )
    made["claim.v2"] = {"claim_generator_info": {"name": "Maker", "version": "2"}, "redacted_assertions": ["r"]}
    told = [(row.key, row.value) for row in said(made)]
    assert told == [
        ("claim_generator", "Maker 2"),
        ("redacted_assertions", '["r"]'),
        ("ingredient/inputTo/dataTypes", '[{"type":"c2pa.types.generator"}]'),
        ("metadata/Iptc4xmpExt:DigitalSourceType", "uri"),
        ("metadata/dc:subject", "one"),
        ("metadata/dc:subject", "two"),
        ("assertion/com.maker.note", '{"a":1}'),
    ]


def test_a_signer_who_tells_own_words_from_gathered_ones_vouches_for_the_own() -> None:
    made = manifest("m", com_own={"a": 1}, com_other={"a": 1})
    own, other = ({"url": f"self#jumbf=c2pa.assertions/{name}"} for name in ("com.own", "com.other"))
    made["claim.v2"] = {"created_assertions": [own], "gathered_assertions": [other]}
    assert [row.standing for row in said(made)] == [Standing.TRUSTED, Standing.SIGNED]
    hashes = {"url": "self#jumbf=c2pa.assertions/c2pa.hash.data"}
    made["claim.v2"] = {"created_assertions": [hashes], "gathered_assertions": [own, other]}
    assert {row.standing for row in said(made)} == {Standing.TRUSTED}


LABELS = st.sampled_from(["a", "b", "c2pa.actions.v2", "c2pa.ingredient.v3__1", "c2pa.metadata", "stds.iptc"])
KEYS = LABELS | st.sampled_from(
    ["actions", "action", "parameters", "ingredients", "url", "activeManifest", "relationship", "templates",
     "softwareAgents", "softwareAgentIndex", "digitalSourceType", "validationResults", "instanceId", "metadata"]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([ABOVE + "a", "c2pa.removed", "inputTo"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
MANIFESTS = st.fixed_dictionaries({"label": LABELS, "assertions": VALUES | st.dictionaries(LABELS, VALUES, max_size=4)})


@settings(max_examples=200, deadline=None)
@given(manifests=st.lists(MANIFESTS, max_size=4))
def test_whatever_a_manifest_holds_the_walk_ends_and_gives_statements(manifests: list[dict[str, Any]]) -> None:
    visits = list(walk({"manifests": manifests}, 32))
    assert len({visit.label for visit in visits}) == len(visits)
    for visit in visits:
        for row in make_statements(visit, Standing.SIGNED):
            assert (row.carrier, row.standing) == ("c2pa", Standing.SIGNED)
            assert all(isinstance(text, str) for text in (row.where, row.key, row.value))
