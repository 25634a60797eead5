from __future__ import annotations

from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing
from provenance.policy.rules.broken_credential import BrokenCredential
from tests.policy.build import case, credential

FIRES = {
    "binding": case(credential(binding="broken")),
    "signature": case(credential(signature="broken")),
    "both, expired too": case(credential("broken", "broken", "untrusted", "expired")),
    "one of two": case(credential(), credential(binding="broken")),
}
QUIET = {
    "no credential": case(),
    "all in order": case(credential()),
    "expired alone": case(credential(time="expired")),
    "not yet in force": case(credential(time="not-yet")),
    "signer on no list": case(credential(trust="untrusted")),
    "binding unknown after a fault of the storage": case(credential(binding="unknown", signature="unknown")),
}


def test_says_the_four_facts_and_claims_nothing_of_the_origin() -> None:
    (violation,) = BrokenCredential().judge(case(credential("broken", "valid", "untrusted", "expired")))
    for fact in ("binding to these bytes broken", "signature valid", "signer untrusted", "certificate time expired"):
        assert fact in violation.message
    (told,) = violation.because
    assert isinstance(told, Evidence)
    assert (told.origin, told.standing, told.tool) == (Origin.UNKNOWN, Standing.BROKEN, "Camera Maker")
    assert "some.code" in told.detail


def test_every_broken_credential_is_told() -> None:
    broken = credential(binding="broken"), credential(signature="broken")
    assert len(list(BrokenCredential().judge(case(*broken)))) == 2
