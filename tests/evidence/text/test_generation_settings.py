"""What went into a generation, out of settings in every spelling."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.text import generation_settings
from provenance.evidence.text.generation_settings import (
    describe_usage,
    find_media_names,
    find_names,
    make_usage,
    make_usage_from_settings,
)
from provenance.model.evidence import Used


def test_blank_parts_are_none_and_names_come_once() -> None:
    assert make_usage(" ", negative="\0", model=["", "None"], adapters=["a", " a ", "none"], inputs=[""]) == Used(
        adapters=("a",)
    )
    assert make_usage(model=["base", "refiner", "base"]).model == "base, refiner"


def test_prompts_are_kept_whole_and_encodable() -> None:
    prompt = "a \ud800 cat " * 100_000
    assert make_usage(prompt).prompt == prompt.strip().replace("\ud800", "?")


def test_a_clause_for_a_sentence() -> None:
    assert describe_usage(make_usage(" a\n cat ", model="sd15", seed="7")) == 'prompt "a cat", model sd15, seed 7'
    assert describe_usage(Used(version="1")) == ""
    assert len(describe_usage(make_usage("x" * 1000, model="y" * 1000, seed="1" * 1000))) < 190


def test_every_spelling_of_a_key() -> None:
    assert make_usage_from_settings(
        {"Prompt": "a", "negative_prompt": "b", "Base Model": "c", "Seed": 7, "app_version": "2"}
    ) == (Used("a", "b", "c", (), "7", (), "2"))
    assert make_usage_from_settings({"c": "a", "uc": "b", "use_stable_diffusion_model": "c"}) == Used("a", "b", "c")


def test_adapters_in_the_shapes_that_tools_give_them() -> None:
    fooocus = {"loras": [["offset.safetensors", 0.1], ["None", 1.0]], "lora_combined_1": "detail : 0.5"}
    assert make_usage_from_settings(fooocus).adapters == ("offset.safetensors", "detail")
    swarm = {"loras": ["one", "two"], "loraweights": ["1", "0.5"]}
    assert make_usage_from_settings(swarm).adapters == ("one", "two")
    invoke = {"loras": [{"model": {"key": "k", "name": "n"}, "weight": 1}, {"lora": {"model_name": "m"}}]}
    assert make_usage_from_settings(invoke).adapters == ("n", "m")
    assert make_usage_from_settings({"lora": [{"model": "x.ckpt", "weight": 0.8}], "v2": {"loras": []}}).adapters == (
        "x.ckpt",
    )


def test_inputs_are_names_of_media_and_nothing_else() -> None:
    given = {
        "init_image": "unit_0412.jpg", "imageformat": "PNG", "images": 3, "mask_image": "data:image/png;base64,AAAA",
        "video_guide": {"path": "/in/plate.mov"}, "control_image": "iVBORw0KGgo" * 40, "prompt": "IMG_2093.jpg",
        "automaticvae": True,
    }  # fmt: skip
    assert make_usage_from_settings(given).inputs == ("unit_0412.jpg", "/in/plate.mov")
    assert list(
        find_media_names(["a.png [input]", "two\nlines.png", "https://a.b/c.webp?sig=1", "a sentence.", "x" * 2000])
    ) == [
        "a.png",
        "https://a.b/c.webp?sig=1",
    ]


def test_nothing_is_kept_without_bounds() -> None:
    many = make_usage(adapters=(f"{number} {'x' * 5000}" for number in range(100_000)))
    assert len(many.adapters) == 200
    assert max(map(len, many.adapters)) <= 1000


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "model", "lora", "loras", "image", "prompt", "seed", "version"]), inner, max_size=4
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["prompt", "loras", "init_image", "model", "seed", "images", "c"]), trees))
def test_any_settings_give_texts(given_: dict[str, object]) -> None:
    used = make_usage_from_settings(given_)
    for text in (used.prompt, used.model, used.seed, *used.adapters, *used.inputs):
        assert text is None or (text.strip() and text.encode("utf-8"))
    describe_usage(used)


def test_deep_values_end() -> None:
    deep: object = "a.png"
    for _ in range(500):
        deep = [deep]
    assert list(find_names(deep)) == list(find_media_names(deep)) == []
    assert generation_settings.make_usage_from_settings({"loras": deep, "image": deep}) == Used()
