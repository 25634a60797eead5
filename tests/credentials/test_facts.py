from __future__ import annotations

from typing import Any

import pytest

from provenance.credentials.facts import Facts, derive_facts, make_credential
from provenance.model.evidence import TrustList
from provenance.model.vocabulary import Standing

GOOD = ("assertion.dataHash.match", "claimSignature.validated", "claimSignature.insideValidity")


def manifest(*codes: str, **signature: Any) -> dict[str, Any]:
    rows = [{"code": code} for code in codes]
    return {
        "validationResults": {"success": rows, "validationTime": "2026-11-22T16:30:45.1+00:00"},
        "signature": signature,
    }


@pytest.mark.parametrize(
    ("codes", "facts"),
    [
        ((), Facts()),
        (GOOD, Facts("intact", "valid", "unknown", "inside")),
        ((*GOOD, "signingCredential.trusted"), Facts("intact", "valid", "trusted", "inside")),
        ((*GOOD, "signingCredential.trusted", "timeStamp.trusted"), Facts("intact", "valid", "trusted", "stamped")),
        ((*GOOD, "signingCredential.untrusted"), Facts("intact", "valid", "untrusted", "inside")),
        ((*GOOD, "signingCredential.invalid"), Facts("intact", "valid", "untrusted", "inside")),
        (
            (*GOOD, "signingCredential.trusted", "signingCredential.ocsp.revoked"),
            Facts("intact", "valid", "revoked", "inside"),
        ),
        ((*GOOD, "signingCredential.expired"), Facts("intact", "valid", "unknown", "expired")),
        ((*GOOD, "claimSignature.outsideValidity"), Facts("intact", "valid", "unknown", "expired")),
        (("assertion.bmffHash.mismatch", "claimSignature.validated"), Facts("broken", "valid")),
        ((*GOOD, "assertion.hashedURI.mismatch"), Facts("broken", "valid", time="inside")),
        (("claim.hardBindings.missing", "claimSignature.validated"), Facts("missing", "valid")),
        (("assertion.dataHash.match", "claimSignature.mismatch"), Facts("intact", "broken")),
        (("algorithm.unsupported", "claimSignature.mismatch"), Facts()),
        (("claimSignature.missing",), Facts(signature="missing")),
    ],
)
def test_facts_stay_apart(codes: tuple[str, ...], facts: Facts) -> None:
    assert derive_facts(manifest(*codes)) == facts
    assert derive_facts(manifest(), recorded=codes) == facts


@pytest.mark.parametrize(
    ("facts", "state", "standing"),
    [
        (Facts("intact", "valid", "trusted", "inside"), "Trusted", Standing.TRUSTED),
        (Facts("intact", "valid", "trusted", "stamped"), "Trusted", Standing.TRUSTED),
        (Facts("intact", "valid", "trusted", "inside"), "Valid", Standing.SIGNED),
        (Facts("intact", "valid", "trusted", "expired"), "Trusted", Standing.SIGNED),
        (Facts("intact", "valid", "revoked", "inside"), "Trusted", Standing.SIGNED),
        (Facts("unknown", "valid", "trusted", "inside"), "Trusted", Standing.SIGNED),
        (Facts("intact", "valid", "unknown", "expired"), "Invalid", Standing.SIGNED),
        (Facts("broken", "valid", "trusted", "inside"), "Trusted", Standing.BROKEN),
        (Facts("missing", "valid", "trusted", "inside"), "Trusted", Standing.BROKEN),
        (Facts("intact", "broken"), "Invalid", Standing.BROKEN),
        (Facts("intact", "missing"), "Invalid", Standing.DECLARED),
        (Facts(), "", Standing.DECLARED),
    ],
)
def test_standing_follows_from_all_four(facts: Facts, state: str, standing: Standing) -> None:
    assert facts.decide_standing(state) is standing


def test_nobody_vouches_without_a_list() -> None:
    trusted = Facts("intact", "valid", "trusted", "inside")
    assert trusted.require_list(TrustList("C2PA Trust List", "2026-08-05", "")) == trusted
    assert trusted.require_list(None).trust == "untrusted"
    assert Facts(trust="revoked").require_list(None).trust == "revoked"


@pytest.mark.parametrize(
    ("starts", "stamped", "expected"),
    [
        ("2026-12-01T00:00:00+00:00", None, "not-yet"),
        ("2026-11-01T00:00:00+00:00", None, "expired"),
        ("2026-11-01T00:00:00+00:00", "2026-10-01T00:00:00+00:00", "not-yet"),
        ("", None, "expired"),
    ],
)
def test_a_certificate_that_comes_later_is_no_expired_one(starts: str, stamped: str | None, expected: str) -> None:
    signature = {"certificateInfo": {"validity": {"notBefore": starts}}, "timeStampInfo": {"timestamp": stamped}}
    assert derive_facts(manifest("signingCredential.expired", **signature)).time == expected


def test_a_credential_names_its_signer_and_lists_failures_first() -> None:
    given = manifest("claimSignature.validated", certificateInfo={"subject": {"CN": "Camera", "O": "Maker"}})
    given["validationResults"]["failure"] = [{"code": "signingCredential.untrusted"}] * 2
    told = make_credential("embedded", Facts(), given, None)
    assert told.signer == "Maker / Camera"
    assert told.codes == ("signingCredential.untrusted", "claimSignature.validated")
    assert make_credential("embedded", Facts(), {}, None).signer is None
