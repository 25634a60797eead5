"""Ed25519 keys in PKCS#8 and SPKI PEM, the files that `openssl pkey` reads and writes."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provenance import secret_file
from provenance.errors import ProvenanceError, UsageError

_MAX_FILE_SIZE = 64 * 1024
"""Bytes of a key file; an Ed25519 key has a few hundred."""
_NEW_KEY = "make one with: provenance key new FILE"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key with which everybody can check a signature."""

    raw: bytes
    """32 bytes, as RFC 8032 writes them."""

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo in PEM, byte for byte what `openssl pkey -pubout` prints."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(serialization.Encoding.PEM, form).decode("ascii")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the 32 bytes, in hex: short enough to be read out on the telephone, unlike the PEM."""
        return hashlib.sha256(self.raw).hexdigest()

    def is_signature(self, signature: bytes, content: bytes) -> bool:
        """Whether the holder of the private key signed exactly this content."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key. It has no text form, so that no message can print it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        form = serialization.PublicFormat.Raw
        self.public = PublicKey(key.public_key().public_bytes(serialization.Encoding.Raw, form))

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of the signature. Ed25519 gives the same ones each time."""
        return self._key.sign(content)


def create(path: str) -> PublicKey:
    """Write a new private key to a file that only its owner can read, and give its public half.

    Raises `UsageError` when something is at the path already: a key is never overwritten.
    """
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # O_EXCL also refuses a link that leads nowhere: somebody could have placed one to receive the key.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already; a key is never overwritten", "name another file") from error
    except OSError as fault:
        raise UsageError(
            f"{path} cannot be written: {fault.strerror}", "name a file in a folder that exists"
        ) from fault
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        # Half a key is no key, and would stand in the way of the next try.
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise ProvenanceError(f"{path} was not written: {fault.strerror}", "check the free space") from fault
    return SigningKey(key).public


def load_private(path: str) -> SigningKey:
    """The private key in a file.

    Raises `UsageError` for a link, for a file that people other than its owner may read or change, and for anything
    that is not an Ed25519 key without a password. No message quotes the file.
    """
    raw = read_secret(path)
    try:
        key = serialization.load_pem_private_key(raw, password=None)
    except TypeError as error:
        raise UsageError(f"{path}: the key has a password, which is not supported", _NEW_KEY) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        # The error of the library may quote the file, so it is not repeated.
        raise UsageError(f"{path} is not a private key in PEM", _NEW_KEY) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is not an Ed25519 key", _NEW_KEY)
    return SigningKey(key)


def load_public(path: str) -> PublicKey:
    """The public key in a PEM file. Raises `UsageError` when there is none, or one of another kind."""
    try:
        with open(path, "rb") as file:
            raw = file.read(_MAX_FILE_SIZE)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "name a file with a public key") from fault
    try:
        return parse_public(raw)
    except ValueError as error:
        raise UsageError(
            f"{path} {error}", "give the public key in PEM, as `provenance key public FILE` prints it"
        ) from error


def parse_public(raw: bytes) -> PublicKey:
    """The public key in PEM bytes. Raises `ValueError`, without naming a file."""
    try:
        key = serialization.load_pem_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError("is not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is not an Ed25519 key")
    return PublicKey(key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def decode_base64(text: str) -> bytes:
    """The bytes of base64 in its one canonical form. Raises `ValueError` for any other.

    Plain decoders ignore the loose bits of the last character, so that a changed text can give the same bytes.
    """
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode("ascii") != text:
        raise ValueError("the base64 is not in canonical form")
    return raw


def read_secret(path: str) -> bytes:
    """The bytes of a key file that only its owner may read. Raises `UsageError` for any other, and for a link."""
    return secret_file.read_secret(path, _NEW_KEY, "make a new key")
