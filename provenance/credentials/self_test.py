"""Self-test of the C2PA library with our settings: it must trust the right signers and no others.

The test picture has a few pixels and is signed under a certificate authority that was made for this test only, so the
correct result is known in every case. The private keys were deleted: nobody can sign anything else under it.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
from collections.abc import Callable, Iterator

from provenance.credentials.settings import ContextSettings, find_unknown_settings, make_settings
from provenance.model.evidence import Credential, TrustList
from provenance.trust import Anchors, TrustStore

_NAME = "self-test"

ReadStore = Callable[[TrustStore, bytes], Credential | None]
"""Reads the credential of a PNG with a trust store."""

_Facts = tuple[str, str, str, str | None]
"""Binding, signature, trust and list of a credential."""


def find_problems(
    store: TrustStore, read_store: ReadStore, accepts: Callable[[ContextSettings], bool]
) -> Iterator[str]:
    """A sentence for each failed test; nothing when all pass. `accepts`: whether the library takes given settings."""
    # `allowed` is not used by the test, but must be there for its setting to be tried.
    authority = Anchors(TrustList(_NAME, "2026-01-01", ""), _read_data("selftest.pem").decode(), allowed="AAAA")
    settings = make_settings({"0": authority}, store.usages, authority)
    for name in find_unknown_settings(settings, accepts):
        yield f"the C2PA library does not know the setting {name}"
    if not accepts(settings):
        yield "the C2PA library refuses its settings"

    picture = _read_data("selftest.png")
    as_signers = dataclasses.replace(store, signers=(*store.signers, authority))
    as_stamps = dataclasses.replace(store, stamps=authority)
    untrusted: _Facts = ("intact", "valid", "untrusted", None)
    tests: list[tuple[str, TrustStore, bytes, _Facts]] = [
        ("a signer on a list", as_signers, picture, ("intact", "valid", "trusted", _NAME)),
        ("a signer on no list", store, picture, untrusted),
        # A time-stamp authority confirms when something was signed, never by whom.
        ("a signer under a time-stamp authority", as_stamps, picture, untrusted),
        # The signature covers the claim, so it stays valid; only the binding to the pixels breaks.
        ("a changed picture", as_signers, _corrupt(picture), ("broken", "valid", "trusted", _NAME)),
    ]
    for name, trust_store, data, expected in tests:
        credential = read_store(trust_store, data)
        result: _Facts | None = None
        if credential:
            result = (credential.binding, credential.signature, credential.trust, credential.list)
        if result != expected:
            yield f"{name}: the C2PA library reports {result} instead of {expected}"


def _corrupt(picture: bytes) -> bytes:
    """The picture with the last bit of its last chunk flipped, which belongs to a checksum and not to a pixel."""
    return picture[:-1] + bytes([picture[-1] ^ 1])


def _read_data(name: str) -> bytes:
    return importlib.resources.files("provenance").joinpath("trust_lists", name).read_bytes()
