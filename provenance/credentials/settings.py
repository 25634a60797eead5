"""Settings for the C2PA library: no network, trust lists, and the maximum size of a decompressed manifest.

The library accepts any key and silently ignores one that it does not know, so a misspelt setting has no effect.
`find_unknown_settings` finds such keys: the library refuses a known key whose value has an impossible type, and accepts
an unknown key with any value.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provenance.limits import DEFAULT, MIB
from provenance.trust import Anchors

ContextSettings = dict[str, Any]
Path = tuple[str | int, ...]
_IMPOSSIBLE_VALUE = {"of no": ["known", "type"]}
"""A value that no setting of the library accepts: an object that contains a list."""


def make_settings(signers: Mapping[str, Anchors], usages: str, stamps: Anchors | None) -> ContextSettings:
    """Settings for reading, with each list of signers under its own name.

    Without `stamps` every time stamp is accepted, whoever made it. Such settings are only for finding the list at which
    a signer's certificate chain ends, never for judging a file.
    """
    anchor_sets = [_make_anchor_set(name, anchors, "manifest") for name, anchors in signers.items()]
    if stamps:
        anchor_sets.append(_make_anchor_set("", stamps, "tsa"))
    return {
        "trust": {"anchors": anchor_sets, "trust_config": usages},
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
            # Decoding an identity assertion would look up its issuer on the network.
            "decode_identity_assertions": False,
            "max_decompressed_manifest_size_in_mb": DEFAULT.inflated // MIB,
        },
    }


def find_unknown_settings(given: ContextSettings, accepts: Callable[[ContextSettings], bool]) -> list[str]:
    """Names of settings that the library does not know; `accepts` says whether the library accepts given settings."""
    leaves = _list_leaves(given)
    unknown = [path for path in leaves if accepts(_replace_value(given, path, _IMPOSSIBLE_VALUE))]
    return [".".join(map(str, path)) for path in unknown]


def _make_anchor_set(name: str, anchors: Anchors, kind: str) -> ContextSettings:
    anchor_set = {"trust_anchors": anchors.pem, "trust_uri": name, "trust_kind": kind}
    if anchors.allowed:
        anchor_set["allowed_list"] = anchors.allowed
    return anchor_set


def _list_leaves(value: object, path: Path = ()) -> Iterator[Path]:
    """Path of every value that does not contain others; an empty list is such a value."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _list_leaves(item, (*path, key))
    elif isinstance(value, Sequence) and value and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _list_leaves(item, (*path, index))
    else:
        yield path


def _replace_value(given: ContextSettings, path: Path, value: object) -> ContextSettings:
    """A copy of the settings with another value at one path."""
    changed = copy.deepcopy(given)
    container: Any = changed
    for step in path[:-1]:
        container = container[step]
    container[path[-1]] = value
    return changed
