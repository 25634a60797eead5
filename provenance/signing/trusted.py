"""The signers that a user trusts: one PEM file with a public key each, in a folder of the user's own."""

from __future__ import annotations

import os
from dataclasses import dataclass

from provenance.errors import ProvenanceError, UsageError
from provenance.signing.keys import PublicKey, parse_public

_SUFFIX = ".pem"
_NAME = "# name: "
"""Begins the line with the name. PEM readers pass over text outside of the key."""
_MAX_FILE_SIZE = 64 * 1024
_MOST_KEYS = 1000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key, and the person or company that the user says holds it."""

    name: str
    key: PublicKey


def load_all(folder: str) -> list[TrustedKey]:
    """Every key of the folder, in order of file names; none when there is no folder.

    Raises `UsageError` for a file in it that is not a key, because leaving one out would change what a check says.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(_SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise UsageError(f"{folder} cannot be listed: {fault.strerror}", "check its permissions") from fault
    return [_load(os.path.join(folder, name)) for name in names[:_MOST_KEYS]]


def add(folder: str, key: PublicKey, name: str) -> bool:
    """Trust a key from now on; False when it is trusted under that name already.

    Raises `UsageError` for a name that is empty or not one printable line, and for a key that has another name.
    """
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise UsageError(f"{name!r} is not a name", "say with --name which person or company holds the key")
    for known in load_all(folder):
        if known.key == key and known.name != name:
            raise UsageError(
                f"this key is trusted as {known.name!r} already",
                f"if that was a mistake, delete its file in {folder} and trust it again",
            )
        if known.key == key:
            return False
    place = os.path.join(folder, key.fingerprint[:16] + _SUFFIX)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(place, "x", encoding="utf-8") as file:
            file.write(f"{_NAME}{name}\n{key.pem}")
    except OSError as fault:
        raise ProvenanceError(f"{place} was not written: {fault.strerror}", "check the folder") from fault
    return True


def _load(path: str) -> TrustedKey:
    try:
        with open(path, "rb") as file:
            raw = file.read(_MAX_FILE_SIZE)
        key = parse_public(raw)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "check its permissions") from fault
    except ValueError as error:
        raise UsageError(
            f"{path} {error}", "replace the file, or delete it: its signer then counts as unknown"
        ) from error
    name = os.path.basename(path).removesuffix(_SUFFIX)
    for line in raw.decode("utf-8", "replace").splitlines():
        if line.startswith(_NAME):
            name = line.removeprefix(_NAME)
            break
    return TrustedKey(name, key)
