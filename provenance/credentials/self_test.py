"""Whether the C2PA library, as it is set up here, knows a signer it should trust from one it should not.

A picture of a few pixels, signed under an authority that exists for nothing else, has a known answer in every case.
Its keys are gone: nothing further can be signed under it.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
from collections.abc import Callable, Iterator

from provenance.credentials.settings import ContextSettings, find_unknown_settings, make_settings
from provenance.model.evidence import Credential
from provenance.model.report import TrustList
from provenance.trust import Anchors, TrustStore

_NAME = "self-test"

ReadStore = Callable[[TrustStore, bytes], Credential | None]
"""The credential of a PNG as seen with a trust store."""


def find_problems(store: TrustStore, look: ReadStore, accepts: Callable[[ContextSettings], bool]) -> Iterator[str]:
    """Everything that is not as it should be, as sentences; nothing when all is well."""
    own = Anchors(TrustList(_NAME, "2026-01-01", ""), _data("selftest.pem").decode(), allowed="AAAA")
    picture = _data("selftest.png")
    given = make_settings({"0": own}, store.usages, own)
    for name in find_unknown_settings(given, accepts):
        yield f"the C2PA library does not know the setting {name}"
    if not accepts(given):
        yield "the C2PA library refuses its settings"
    trusting = dataclasses.replace(store, signers=(*store.signers, own))
    for case, credential, wanted in (
        ("a signer on a list", look(trusting, picture), ("intact", "valid", "trusted", _NAME)),
        ("a signer on no list", look(store, picture), ("intact", "valid", "untrusted", None)),
        (
            "a signer under a time-stamp authority",
            look(dataclasses.replace(store, stamps=own), picture),
            ("intact", "valid", "untrusted", None),
        ),
        ("a changed picture", look(trusting, _corrupt(picture)), ("broken", "valid", "trusted", _NAME)),
    ):
        found = (credential.binding, credential.signature, credential.trust, credential.list) if credential else None
        if found != wanted:
            yield f"{case}: the C2PA library says {found}, wanted {wanted}"


def _corrupt(picture: bytes) -> bytes:
    """The picture with one bit of its last chunk's checksum turned over."""
    return picture[:-1] + bytes([picture[-1] ^ 1])


def _data(name: str) -> bytes:
    return importlib.resources.files("provenance").joinpath("trust_lists", name).read_bytes()
