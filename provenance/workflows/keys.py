"""`key`: make a signing key, print its public half, trust somebody else's."""

from __future__ import annotations

from provenance.signing import keys, trusted
from provenance.signing.keys import PublicKey, SigningKey
from provenance.workflows.run import RunContext


def make_key(path: str) -> PublicKey:
    """Write a new private key. Raises `UsageError` when something is at the path already."""
    return keys.create(path)


def load_key(path: str) -> SigningKey:
    """The private key in a file. Raises `UsageError` for one that others may read."""
    return keys.load_private(path)


def trust_key(path: str, name: str, context: RunContext) -> tuple[PublicKey, bool]:
    """Trust a public key under a name; whether that is new."""
    key = keys.load_public(path)
    return key, trusted.add(context.settings.trusted_keys, key, name)
