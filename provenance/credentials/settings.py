"""How the C2PA library is told what to do: no network, whom to trust, and how much a manifest may grow.

The library takes any key and says nothing about one it does not know, so that a misspelt setting is none at all.
`find_unknown_settings` finds such keys by what the library does: a key that it knows, it refuses with a value of an
impossible type.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provenance.limits import DEFAULT, MIB
from provenance.trust import Anchors

ContextSettings = dict[str, Any]
Path = tuple[str | int, ...]
_IMPOSSIBLE = {"of no": ["known", "type"]}


def make_settings(signers: Mapping[str, Anchors], usages: str, stamps: Anchors | None) -> ContextSettings:
    """Settings for reading, with each list of signers under its own name.

    Without `stamps` a time stamp is believed whoever made it: that is for asking which list a chain ends at, no more.
    """
    sets = [_anchors(name, anchors, "manifest") for name, anchors in signers.items()]
    if stamps:
        sets.append(_anchors("", stamps, "tsa"))
    return {
        "trust": {"anchors": sets, "trust_config": usages},
        "verify": {
            "verify_after_reading": True,
            "verify_trust": True,
            "verify_timestamp_trust": stamps is not None,
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
        },
        "core": {
            "allowed_network_hosts": [],
            "allow_redirects": False,
            "decode_identity_assertions": False,  # would look up the identity's issuer on the network
            "max_decompressed_manifest_size_in_mb": DEFAULT.inflated // MIB,
        },
    }


def find_unknown_settings(given: ContextSettings, accepts: Callable[[ContextSettings], bool]) -> list[str]:
    """Names of settings that the library does not know; `accepts` tells whether it takes given settings."""
    return [".".join(map(str, path)) for path in _leaves(given) if accepts(_with(given, path, _IMPOSSIBLE))]


def _anchors(name: str, anchors: Anchors, kind: str) -> ContextSettings:
    allowed = {"allowed_list": anchors.allowed} if anchors.allowed else {}
    return {"trust_anchors": anchors.pem, "trust_uri": name, "trust_kind": kind, **allowed}


def _leaves(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    elif isinstance(value, Sequence) and value and not isinstance(value, str):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, index))
    else:
        yield path


def _with(given: ContextSettings, path: Path, value: object) -> ContextSettings:
    """A copy of the settings with another value at one place."""
    changed = copy.deepcopy(given)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed
