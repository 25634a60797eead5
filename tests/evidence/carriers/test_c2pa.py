from __future__ import annotations

import dataclasses
import datetime
import io
import itertools
import os
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.media import certificates, signing
from fixtures.media.signing import Cast, Claim, Ingredient, claim_generation, claim_opening, make_action
from provenance import trust
from provenance.credentials.self_test import find_problems
from provenance.credentials.settings import find_unknown_settings, make_settings
from provenance.errors import ProvenanceError
from provenance.evidence.carriers import c2pa
from provenance.limits import DEFAULT
from provenance.media.source import FaultRecordingFile, open_readonly
from provenance.media.source import open_and_digest as opened_source
from provenance.model.evidence import TrustList
from provenance.model.vocabulary import About, Cause, Origin, Standing
from provenance.trust import TrustStore
from tests.evidence.build import box
from tests.evidence.credentials import Looked, anchors, look, picture, source, trusting

IPTC = signing.IPTC
CAPTURED = Claim("Test Camera", [make_action("c2pa.created", IPTC + "digitalCapture")])


@pytest.fixture(scope="module")
def cast() -> Cast:
    return signing.make_cast()


@pytest.fixture(autouse=True)
def _shipped_lists_again() -> Iterator[None]:
    yield
    c2pa.configure(trust.load())


def png(store: TrustStore, data: bytes) -> Looked:
    return look(store, source(data, "image/png"))


def signed(claim: Claim, who: certificates.Identity, data: bytes | None = None) -> bytes:
    return signing.sign(data or picture(), "image/png", claim, who).data


def test_a_trusted_signer_is_named_with_the_list_that_vouches(cast: Cast) -> None:
    told = png(trusting(cast.stranger.issuer or cast.root, cast.root), signed(CAPTURED, cast.camera))
    assert told.facts == ("intact", "valid", "trusted", "inside")
    (credential,) = told.credentials
    assert (credential.where, credential.list) == ("embedded", "list 2")
    assert credential.signer == "Provenance Test Fixtures / Test Camera"
    assert told.said("c2pa.created/digitalSourceType").standing is Standing.TRUSTED
    assert told.origin is Origin.CAPTURED


def test_a_signer_on_no_list_clears_nothing(cast: Cast) -> None:
    told = png(trusting(cast.root), signed(CAPTURED, cast.forger))
    assert told.facts == ("intact", "valid", "untrusted", "inside")
    assert told.credentials[0].list is None
    assert told.said("c2pa.created/digitalSourceType").standing is Standing.SIGNED
    assert (told.origin, len(told.evidence)) == (Origin.UNKNOWN, 1)


def test_a_chain_that_ends_at_a_time_stamp_authority_is_no_trusted_signer(cast: Cast) -> None:
    store = trusting(cast.stranger.issuer or cast.root, stamps=cast.root)
    assert png(store, signed(CAPTURED, cast.camera)).facts == ("intact", "valid", "untrusted", "inside")


def test_a_signer_on_two_lists_is_always_named_by_the_first(cast: Cast) -> None:
    data = signed(CAPTURED, cast.camera)
    lists = {png(trusting(cast.root, cast.root, stamps=cast.root), data).credentials[0].list for _ in range(12)}
    assert lists == {"list 1"}


def test_an_expired_certificate_is_not_tampering(cast: Cast) -> None:
    brief = certificates.make_signer("Studio", "Brief", cast.root, lasts=datetime.timedelta(seconds=2))
    data = signed(claim_generation(), brief)
    end = brief.certificate.not_valid_after_utc.timestamp()
    time.sleep(max(0.0, end + 1.1 - time.time()))
    told = png(trusting(cast.root), data)
    binding, signature, _, period = told.facts
    assert (binding, signature, period) == ("intact", "valid", "expired")
    assert {row.standing for row in told.statements} == {Standing.SIGNED}
    assert told.origin is Origin.GENERATED


def test_changed_pixels_break_the_binding_and_nothing_else(cast: Cast) -> None:
    data = bytearray(signed(CAPTURED, cast.camera))
    data[-1] ^= 1
    told = png(trusting(cast.root), bytes(data))
    assert told.facts == ("broken", "valid", "trusted", "inside")
    assert {row.standing for row in told.statements} == {Standing.BROKEN}
    assert told.origin is Origin.UNKNOWN


def test_a_changed_claim_breaks_the_signature(cast: Cast) -> None:
    data = signed(CAPTURED, cast.camera)
    at = data.index(b"Test Camera", data.index(b"claim_generator_info"))
    told = png(trusting(cast.root), data[:at] + b"Some" + data[at + 4 :])
    assert told.facts[1] == "broken"
    assert {row.standing for row in told.statements} == {Standing.BROKEN}


def test_a_mark_of_generation_counts_although_it_is_broken(cast: Cast) -> None:
    data = bytearray(signed(claim_generation(), cast.stranger))
    data[-1] ^= 1
    told = png(trusting(cast.root), bytes(data))
    (evidence,) = told.evidence
    assert (evidence.origin, evidence.standing) == (Origin.GENERATED, Standing.BROKEN)
    assert evidence.tool == "Test Image Generator"


def test_a_generated_parent_is_found_behind_an_active_manifest_that_only_opened_it(cast: Cast) -> None:
    parent = signed(claim_generation(), cast.generator)
    told = png(trusting(cast.root), signed(claim_opening(parent, "image/png"), cast.editor, parent))
    (evidence,) = told.evidence
    assert (evidence.origin, evidence.standing) == (Origin.GENERATED, Standing.SIGNED)
    assert "derived from" in evidence.detail
    assert "parentOf c2pa.ingredient.v3" in evidence.where
    assert "action 1" in evidence.where


def test_an_editor_does_not_vouch_for_the_camera_behind(cast: Cast) -> None:
    parent = signed(CAPTURED, cast.stranger)
    told = png(trusting(cast.root), signed(claim_opening(parent, "image/png"), cast.editor, parent))
    assert told.facts == ("intact", "valid", "trusted", "inside")
    assert (told.origin, [row.standing for row in told.evidence]) == (Origin.UNKNOWN, [Standing.SIGNED])


def with_part(cast: Cast, relationship: str, *further: signing.Action) -> Looked:
    part = Ingredient(
        "part", relationship, signed(claim_generation(), cast.generator, picture(colour=(1, 2, 3))), "image/png"
    )
    made = make_action("c2pa.created", IPTC + "digitalCreation")
    claim = Claim("Test Picture Editor", [made, *further], ingredients=[part])
    return png(trusting(cast.root), signed(claim, cast.editor))


def test_a_generated_component_makes_a_part_of_the_asset(cast: Cast) -> None:
    told = with_part(cast, "componentOf", make_action("c2pa.placed", uses=["part"]))
    assert told.origin is Origin.PARTLY_GENERATED
    assert About.COMPONENT in {row.about for row in told.statements}


def test_a_component_that_was_taken_out_again_is_not_there(cast: Cast) -> None:
    told = with_part(
        cast, "componentOf", make_action("c2pa.placed", uses=["part"]), make_action("c2pa.removed", uses=["part"])
    )
    assert told.origin is Origin.CREATED
    assert {row.about for row in told.statements} == {About.ASSET, About.REMOVED}


def test_a_generated_input_alone_says_nothing_of_the_output(cast: Cast) -> None:
    told = with_part(cast, "inputTo", make_action("c2pa.edited", uses=["part"]))
    assert told.origin is Origin.CREATED
    assert {row.about for row in told.statements} == {About.ASSET, About.INPUT}


def test_permissions_for_training_are_no_mark(cast: Cast) -> None:
    permission = {"entries": {"c2pa.ai_generative_training": {"use": "notAllowed"}}}
    mining = {"label": "c2pa.training-mining", "data": permission}
    made = make_action("c2pa.created", IPTC + "algorithmicMedia")
    edited = make_action("c2pa.edited", **{"com.adobe.tool": "healing brush"})
    told = png(trusting(cast.root), signed(Claim("Test Editor", [made, edited], [mining]), cast.editor))
    assert "notAllowed" in told.said("assertion/c2pa.training-mining").value
    assert told.said("c2pa.edited/parameters/com.adobe.tool").value == "healing brush"
    assert told.evidence == []


@pytest.mark.parametrize("prefix", ["http://", "https://"])
@pytest.mark.parametrize("version", [1, 2])
def test_old_and_new_actions_with_either_scheme(cast: Cast, prefix: str, version: int) -> None:
    uri = prefix + IPTC.removeprefix("http://") + "trainedAlgorithmicMedia"
    label = "c2pa.actions" if version == 1 else "c2pa.actions.v2"
    agent = "Old Agent 1.0" if version == 1 else {"name": "Old Agent", "version": "1.0"}
    data = {"actions": [{"action": "c2pa.created", "digitalSourceType": uri, "softwareAgent": agent}]}
    told = look(trusting(cast.root), source(raw_signed(cast, {"label": label, "data": data}, version), "image/png"))
    (evidence,) = told.evidence
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Old Agent 1.0")


def raw_signed(cast: Cast, assertion: dict[str, object], version: int) -> bytes:
    class Definition(Claim):
        def make_manifest(self) -> dict[str, object]:
            made = {"claim_version": version, "assertions": [assertion]}
            return {**made, "claim_generator_info": [{"name": "Maker", "version": "1"}]}

    return signed(Definition("Maker", []), cast.generator)


def test_sidecars_are_held_against_the_file_beside_them(cast: Cast) -> None:
    data = picture()
    store = signing.sign(data, "image/png", claim_generation(), cast.generator, embed=False).store
    right = look(trusting(cast.root), source(data, "image/png", {"file.c2pa": store}))
    assert (right.credentials[0].where, right.facts) == ("file.c2pa", ("intact", "valid", "trusted", "inside"))
    assert right.evidence[0].where.startswith("file.c2pa: active manifest")
    wrong = look(trusting(cast.root), source(picture(colour=(9, 9, 9)), "image/png", {"file.png.c2pa": store}))
    assert wrong.facts[0] == "broken"
    assert {row.standing for row in wrong.statements} == {Standing.BROKEN}
    any_type = look(trusting(cast.root), source(data, "image/x-exr", {"file.c2pa": store}))
    assert any_type.facts == right.facts
    garbage = look(trusting(cast.root), source(data, "image/png", {"file.c2pa": b"garbage"}))
    assert [(row.cause, row.detail[:9]) for row in garbage.troubles] == [(Cause.MALFORMED, "file.c2pa")]


def test_a_store_that_stands_alone_is_bound_to_nothing_and_not_broken(cast: Cast) -> None:
    store = signing.sign(picture(), "image/png", claim_generation(), cast.generator, embed=False).store
    told = look(trusting(cast.root), source(store, "application/c2pa"))
    assert told.facts == ("unknown", "valid", "trusted", "inside")
    assert {row.standing for row in told.statements} == {Standing.SIGNED}


def test_a_remote_manifest_is_told_with_its_address_and_not_fetched(cast: Cast) -> None:
    url = "https://manifests.invalid/one.c2pa"
    data = signing.sign(picture(), "image/png", claim_generation(), cast.generator, remote=url, embed=False).data
    told = png(trusting(cast.root), data)
    assert [(row.where, row.remote_url, row.trust) for row in told.credentials] == [("remote", url, "unknown")]
    (trouble,) = told.troubles
    assert trouble.cause is Cause.REMOTE
    assert url in trouble.detail


@pytest.mark.parametrize("media_type", ["image/png", "image/x-exr", "application/octet-stream", "video/x-matroska"])
def test_nothing_is_said_of_a_file_without_a_manifest(media_type: str) -> None:
    assert look(trust.load(), source(picture(), media_type)).rows == []


def test_types_that_can_carry_no_manifest_are_not_read() -> None:
    carrier = c2pa.C2pa()
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert all(carrier.accepts_type(kind) for kind in ("image/jpeg", "video/quicktime", "audio/x-wav", office))
    assert not any(carrier.accepts_type(kind) for kind in ("image/x-exr", "application/mxf", "text/plain", "image/bmp"))


def test_a_damaged_file_is_told_only_when_it_seems_to_hold_a_manifest(cast: Cast) -> None:
    whole = signed(claim_generation(), cast.generator)
    told = png(trusting(cast.root), whole[:-30])
    assert ([row.cause for row in told.troubles], told.credentials) == ([Cause.MALFORMED], [])
    assert png(trusting(cast.root), picture()[:-30]).rows == []


def test_a_file_beyond_the_limit_is_told_only_when_it_holds_a_manifest(cast: Cast) -> None:
    tight = dataclasses.replace(DEFAULT, c2pa_buffered=1500, block=256)
    padding = b"\0" * 5000
    marked = look(
        trusting(cast.root), source(signed(claim_generation(), cast.generator) + padding, "image/png", limits=tight)
    )
    assert [row.cause for row in marked.rows if row in marked.troubles] == [Cause.OVERSIZED]
    assert look(trusting(cast.root), source(picture() + padding, "image/png", limits=tight)).rows == []
    streamed = look(trusting(cast.root), source(sound(cast), "audio/x-wav", limits=tight))
    assert streamed.facts == ("intact", "valid", "trusted", "inside")


@pytest.mark.parametrize("folders", [(), ("moov", "udta"), ("moov", "edts")])
def test_a_movie_of_many_boxes_is_told_only_when_it_holds_a_manifest(
    folders: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would take half a minute, so it is never asked."""
    monkeypatch.delattr(c2pa, "_load_store")
    many, store = box("free") * 60_000, box("jumb", b"\0\0\0\x19jumdc2pa")
    for folder in reversed(folders):
        many = box(folder, many)
    for end, causes in ((b"", []), (store, [Cause.OVERSIZED])):
        told = look(trust.load(), source(box("ftyp", b"isom\0\0\0\0") + many + end, "video/mp4"))
        assert [row.cause for row in told.troubles] == causes


def sound(cast: Cast) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    return signing.sign(out.getvalue(), "audio/x-wav", claim_generation(), cast.generator).data


def test_a_failing_storage_never_reads_as_tampering(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever read fails, no credential is told that could be wrong, and the fault is."""
    path = tmp_path / "file.wav"
    path.write_bytes(sound(cast))
    c2pa.configure(trusting(cast.root))
    honest = FaultRecordingFile.readinto
    outcomes = set()
    for failing in itertools.count():
        raw = os.fsencode(path)
        given = opened_source(
            open_readonly(raw), path.name, path.stat().st_size, dataclasses.replace(DEFAULT, whole_file=0)
        )
        reads = itertools.count()

        def faulty(
            file: FaultRecordingFile, buffer: bytearray, bad: int = failing, reads: Iterator[int] = reads
        ) -> int | None:
            if next(reads) == bad:
                file.fault = OSError(5, "Input/output error")
                raise file.fault
            return honest(file, buffer)

        with monkeypatch.context() as patch:
            patch.setattr(FaultRecordingFile, "readinto", faulty)
            told = Looked(list(c2pa.C2pa().read(given)))
        given.file.close()
        if given.fault is None:
            break
        outcomes.add(tuple(row.cause for row in told.troubles))
        assert (told.credentials, told.statements) == ([], [])
    assert failing > 1
    assert outcomes == {(Cause.UNREADABLE,)}
    assert told.facts == ("intact", "valid", "trusted", "inside")


def test_the_library_knows_every_setting_and_would_be_caught_not_knowing_one() -> None:
    own = anchors("own", certificates.make_root("Studio", "Root"))
    given = make_settings({"0": dataclasses.replace(own, allowed="AAAA")}, trust.load().usages, own)
    assert find_unknown_settings(given, c2pa._accepts_settings) == []
    misspelt = {**given, "verify": {**given["verify"], "remote_manifest_fetchh": False}, "cor": {"x": 1}}
    assert find_unknown_settings(misspelt, c2pa._accepts_settings) == ["verify.remote_manifest_fetchh", "cor.x"]
    inside = {"trust": {"anchors": [{**given["trust"]["anchors"][0], "trust_url": "x"}]}}
    assert find_unknown_settings(inside, c2pa._accepts_settings) == ["trust.anchors.0.trust_url"]


def test_nothing_may_reach_the_network() -> None:
    given = make_settings({}, "", None)
    assert not given["verify"]["remote_manifest_fetch"]
    assert not given["verify"]["ocsp_fetch"]
    assert given["core"]["allowed_network_hosts"] == []
    assert not given["core"]["allow_redirects"]
    assert not given["core"]["decode_identity_assertions"]


def test_the_self_test_passes_and_notices_a_library_that_trusts_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    c2pa.self_test(trust.load())
    monkeypatch.setattr(c2pa.Verifier, "_find_signer_list", lambda *_: TrustList("anything", "unknown", ""))
    with pytest.raises(ProvenanceError, match="a signer under a time-stamp authority") as told:
        c2pa.self_test(trust.load())
    assert "c2pa-python" in told.value.hint


def test_the_self_test_notices_settings_that_do_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    store = trust.load()
    monkeypatch.setattr(c2pa, "_accepts_settings", lambda _: True)
    with pytest.raises(ProvenanceError, match=r"does not know the setting verify\.remote_manifest_fetch"):
        c2pa.self_test(store)
    assert "a changed picture" in " ".join(find_problems(store, lambda *_: None, lambda _: False))
