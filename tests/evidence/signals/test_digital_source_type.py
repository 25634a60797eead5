from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.signals.digital_source_type import DigitalSourceType
from provenance.evidence.text.source_types import parse_source_type
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing
from provenance.origin import decide_origin

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TAM = IPTC + "trainedAlgorithmicMedia"
XMP = "Iptc4xmpExt:DigitalSourceType"
CREATED = "c2pa.created/digitalSourceType"
EDITED = "c2pa.edited/digitalSourceType"


def said(
    value: str, key: str = XMP, standing: Standing = Standing.DECLARED, about: About = About.ASSET, carrier: str = ""
) -> Statement:
    c2pa = key.startswith(("c2pa.", "ingredient/", "metadata/", "com."))
    return Statement(
        carrier or ("c2pa" if c2pa else "xmp"), "manifest m, actions, action 1", key, value, standing, about
    )


def read(*statements: Statement) -> list[Evidence]:
    return list(DigitalSourceType().read(statements))


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("trainedAlgorithmicMedia", Origin.GENERATED),
        ("compositeWithTrainedAlgorithmicMedia", Origin.PARTLY_GENERATED),
        ("compositedWithTrainedAlgorithmicMedia", Origin.PARTLY_GENERATED),
        ("compositeSynthetic", Origin.PARTLY_GENERATED),
        ("trainedAlgorithmicData", Origin.GENERATED),
        ("composite", Origin.POSSIBLY_GENERATED),
        ("digitalArt", Origin.POSSIBLY_GENERATED),
        ("screenCapture", Origin.POSSIBLY_GENERATED),
        ("virtualRecording", Origin.POSSIBLY_GENERATED),
        ("algorithmicallyEnhanced", Origin.ENHANCED),
        ("digitalCapture", Origin.CAPTURED),
        ("computationalCapture", Origin.CAPTURED),
        ("compositeCapture", Origin.CAPTURED),
        ("negativeFilm", Origin.CAPTURED),
        ("positiveFilm", Origin.CAPTURED),
        ("print", Origin.CAPTURED),
        ("digitalCreation", Origin.CREATED),
        ("softwareImage", Origin.CREATED),
        ("humanEdits", Origin.CREATED),
        ("minorHumanEdits", Origin.CREATED),
        ("algorithmicMedia", None),
        ("dataDrivenMedia", None),
        ("empty", None),
    ],
)
def test_the_vocabulary(code: str, origin: Origin | None) -> None:
    assert [row.origin for row in read(said(IPTC + code))] == ([origin] if origin else [])
    if origin in (Origin.CAPTURED, Origin.CREATED):
        assert decide_origin(read(said(IPTC + code))) is Origin.UNKNOWN


@pytest.mark.parametrize(
    "value",
    [
        TAM,
        TAM.replace("http:", "https:"),
        TAM + "/",
        f"  {TAM}\n",
        "cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "http://c2pa.org/digitalsourcetype/trainedAlgorithmicData",
        "trainedAlgorithmicMedia",
        "digsrctype:trainedAlgorithmicMedia",
    ],
)
def test_spellings_of_a_code(value: str) -> None:
    assert [row.origin for row in read(said(value))] == [Origin.GENERATED]


@pytest.mark.parametrize(
    "value",
    [
        f"see {TAM}",
        f"{TAM} was not used",
        "not trainedAlgorithmicMedia",
        "https://blog.example/trainedAlgorithmicMedia",
        "http://cv.iptc.org/newscodes/genre/trainedAlgorithmicMedia",
        TAM + "/more",
        IPTC + "madeUp",
        IPTC,
        "",
    ],
)
def test_what_only_holds_the_word_is_no_code(value: str) -> None:
    assert parse_source_type(value) is None
    assert read(said(value)) == []


@pytest.mark.parametrize(
    "key",
    [
        XMP,
        "Iptc4xmpExt:DigitalSourcefileType",
        "DigitalSourceType",
        CREATED,
        "metadata/Iptc4xmpExt:DigitalSourceType",
        "c2pa.opened/parameters/com.adobe.digitalSourceType",
        "ingredient/digitalSourceType",
    ],
)
def test_every_key_that_ends_in_the_field(key: str) -> None:
    assert [row.origin for row in read(said(TAM, key))] == [Origin.GENERATED]


@pytest.mark.parametrize("key", ["Description", "c2pa.created/description", "DigitalSourceTypeNote", "dc:source"])
def test_no_other_key(key: str) -> None:
    assert read(said(TAM, key)) == []


@pytest.mark.parametrize(
    ("key", "code", "origin", "signal"),
    [
        (CREATED, "trainedAlgorithmicMedia", Origin.GENERATED, "fullyGenAIMedia"),
        ("c2pa.opened/digitalSourceType", "trainedAlgorithmicMedia", Origin.GENERATED, "fullyGenAIMedia"),
        (CREATED, "compositeWithTrainedAlgorithmicMedia", Origin.PARTLY_GENERATED, "partlyGenAICreation"),
        (CREATED, "composite", Origin.POSSIBLY_GENERATED, "compositionMayContainGenAI"),
        (EDITED, "trainedAlgorithmicMedia", Origin.PARTLY_GENERATED, "perceptibleGenAI"),
        ("com.maker.magic/digitalSourceType", "compositeSynthetic", Origin.PARTLY_GENERATED, "perceptibleGenAI"),
        ("c2pa.placed/digitalSourceType", "composite", Origin.POSSIBLY_GENERATED, "perceptiblePossiblyGenAI"),
        (EDITED, "algorithmicallyEnhanced", Origin.ENHANCED, "perceptibleNonGenAI"),
        ("c2pa.converted/digitalSourceType", "trainedAlgorithmicMedia", Origin.PARTLY_GENERATED, "nonEditorial"),
        ("c2pa.watermarked.bound/digitalSourceType", "trainedAlgorithmicMedia", Origin.ENHANCED, "nonEditorial"),
    ],
)
def test_the_action_decides_what_was_generated(key: str, code: str, origin: Origin, signal: str) -> None:
    (evidence,) = read(said(IPTC + code, key))
    assert evidence.origin is origin
    assert f"C2PA signal {signal})" in evidence.detail
    assert key.split("/")[0] in evidence.detail


def test_the_rubric_of_c2pa_is_named_for_manifests_alone() -> None:
    (evidence,) = read(said(IPTC + "trainedAlgorithmicMedia", "Iptc4xmpExt:DigitalSourceType", carrier="xmp"))
    assert evidence.origin is Origin.GENERATED
    assert "C2PA" not in evidence.detail


@pytest.mark.parametrize("code", ["digitalCapture", "humanEdits", "screenCapture", "digitalCreation"])
def test_human_edits_are_no_evidence_of_creation(code: str) -> None:
    assert read(said(IPTC + code, EDITED, Standing.TRUSTED)) == []


@pytest.mark.parametrize(
    ("about", "origin"),
    [
        (About.ASSET, Origin.GENERATED),
        (About.PARENT, Origin.GENERATED),
        (About.COMPONENT, Origin.PARTLY_GENERATED),
        (About.INPUT, None),
        (About.REMOVED, None),
    ],
)
def test_of_what_it_speaks(about: About, origin: Origin | None) -> None:
    assert [row.origin for row in read(said(TAM, CREATED, about=about))] == ([origin] if origin else [])


@pytest.mark.parametrize("code", ["digitalCapture", "algorithmicallyEnhanced", "digitalCreation"])
def test_a_component_that_is_not_generated_says_nothing_of_the_whole(code: str) -> None:
    assert read(said(IPTC + code, CREATED, about=About.COMPONENT)) == []


@pytest.mark.parametrize("code", ["digitalCapture", "computationalCapture", "compositeCapture", "digitalCreation"])
def test_only_the_makers_own_trusted_word_clears(code: str) -> None:
    uri = IPTC + code
    assert decide_origin(read(said(uri, CREATED, Standing.TRUSTED))) in (Origin.CAPTURED, Origin.CREATED)
    for statement in (
        said(uri, CREATED, Standing.SIGNED),
        said(uri, CREATED, Standing.BROKEN),
        said(uri, CREATED, Standing.TRUSTED, About.PARENT),
        said(uri, "c2pa.opened/digitalSourceType", Standing.TRUSTED),
        said(uri, "metadata/Iptc4xmpExt:DigitalSourceType", Standing.TRUSTED),
        said(uri, "ingredient/digitalSourceType", Standing.TRUSTED),
    ):
        assert decide_origin(read(statement)) is Origin.UNKNOWN
        assert Standing.TRUSTED not in {row.standing for row in read(statement)}


@pytest.mark.parametrize("code", ["print", "negativeFilm", "humanEdits", "softwareImage"])
def test_codes_that_may_hide_something_generated_never_clear(code: str) -> None:
    assert decide_origin(read(said(IPTC + code, CREATED, Standing.TRUSTED))) is Origin.UNKNOWN


def test_the_tool_is_the_nearest_program_named() -> None:
    agent = Statement("c2pa", "manifest m, actions, action 1", "c2pa.created/softwareAgent", "Painter 2")
    claim = Statement("c2pa", "manifest m, claim", "claim_generator", "Suite 1")
    other = Statement("c2pa", "manifest n, claim", "claim_generator", "Other")
    assert read(said(TAM, CREATED), claim, agent)[0].tool == "Painter 2"
    assert read(said(TAM, CREATED), other, claim)[0].tool == "Suite 1"
    assert read(said(TAM, CREATED), other)[0].tool is None
    assert read(said(TAM), Statement("xmp", "packet", "xmp:CreatorTool", "Adobe Firefly"))[0].tool == "Adobe Firefly"


@given(st.text(max_size=80))
def test_any_text_is_a_code_or_none(text: str) -> None:
    kind = parse_source_type(text)
    assert kind is None or kind.code.casefold() in text.casefold() or "composited" in text.casefold()
