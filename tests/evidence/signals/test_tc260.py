"""The Chinese AI label."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.tc260 import Tc260
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Tc260().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


LABEL = {
    "Label": "1",
    "ContentProducer": "001191110102MACQD9K64010000",
    "ProduceID": "20260301-0001",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}
BARE = json.dumps(LABEL)
WRAPPED = json.dumps({"AIGC": LABEL})


@pytest.mark.parametrize(
    ("carrier", "key", "value"),
    [
        ("xmp", "TC260:AIGC", BARE),
        ("xmp", "TC260:AIGC", BARE.replace('"', "&quot;")),
        ("png", "AIGC", BARE),
        ("png", "AIGC", WRAPPED),
        ("png", "AIGC", json.dumps({"AIGC": BARE})),
        ("exif", "UserComment", WRAPPED),
        ("exif", "ImageDescription", WRAPPED),
        ("jpeg", "APP1", "AIGC" + BARE),
        ("isobmff", "AIGC", BARE),
        ("tags", "aigc", BARE),
        ("tags", "comment", WRAPPED),
        ("riff", "AIGC", BARE + "\0"),
        ("id3", "TXXX:AIGC", BARE),
        ("pdf", "/AIGC", BARE),
    ],
)
def test_every_place_and_form(carrier: str, key: str, value: str) -> None:
    [evidence] = read((key, value), carrier=carrier)
    assert (evidence.origin, evidence.standing) == (Origin.GENERATED, Standing.DECLARED)
    assert evidence.tool == "001191110102MACQD9K64010000"
    assert evidence.detail.endswith("by 001191110102MACQD9K64010000.")


@pytest.mark.parametrize(
    ("label", "origin"),
    [
        ("1", Origin.GENERATED),
        (1, Origin.GENERATED),
        ("AIGC", Origin.GENERATED),
        ("2", Origin.POSSIBLY_GENERATED),
        ("3", Origin.POSSIBLY_GENERATED),
        ("x", Origin.POSSIBLY_GENERATED),
    ],
)
def test_what_the_label_says(label: object, origin: Origin) -> None:
    [evidence] = read(("AIGC", json.dumps({**LABEL, "Label": label})))
    assert evidence.origin is origin


def test_faults_of_form_are_told() -> None:
    [missing] = read(("AIGC", json.dumps({"Label": "1", "ContentProducer": "doubao"})))
    assert "ProduceID missing" in missing.detail
    [foreign] = read(("AIGC", json.dumps({**LABEL, "ContentProducer": "Minimax Agent AI"})))
    assert "characters that the standard forbids" in foreign.detail
    [one, two] = read(("AIGC", BARE), ("TC260:AIGC", json.dumps({**LABEL, "ProduceID": "other"})))
    assert "2 different labels" in one.detail
    assert "2 different labels" in two.detail


def test_the_same_label_twice_is_no_fault() -> None:
    assert all("different" not in row.detail for row in read(("AIGC", BARE), ("UserComment", WRAPPED)))


def test_the_variant_of_tencent() -> None:
    variant = {"ServiceProvider": "Tencent Cloud", "ServiceUser": "100001", "Time": "2025-09-02", "ContentId": "7"}
    [evidence] = read(("ImageDescription", json.dumps({"AIGC": variant})), carrier="exif")
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Tencent Cloud")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AIGC", "yes"),
        ("AIGC", "{}"),
        ("AIGC", '{"title": "x"}'),
        ("AIGC", "[1]"),
        ("AIGC", json.dumps({**LABEL, "Label": "0"})),
        ("Comment", BARE),
        ("Comment", "An article about AIGC {Label: 1}"),
        ("Description", '{"text": "AIGC"}'),
        ("UserComment", '{"AIGC": {"author": "x"}}'),
        ("UserComment", '{"AIGC": [1, 2]}'),
    ],
)
def test_the_letters_alone_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))
