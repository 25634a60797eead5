"""Signature and key files of minisign (https://jedisct1.github.io/minisign/), legacy algorithm `Ed`.

The legacy algorithm signs the content itself and not a BLAKE2b digest of it, so `openssl pkeyutl -rawin` verifies the
same 64 bytes. What this program writes has one form: reading one back accepts no other, so that no byte of a signature
file can be changed unseen, not even in the parts that minisign does not sign.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from provenance.signing.keys import PublicKey, SigningKey, decode_base64

_ALGORITHM = b"Ed"
_SIGNATURE_SIZE = 64
_ID_SIZE = 8
_TRUSTED = "trusted comment: "


@dataclass(frozen=True, slots=True)
class MinisignFile:
    """The content of a signature file."""

    signature: bytes
    """Over the signed content: the 64 bytes of the `.sig` file."""
    comment: str
    """The trusted comment. Signed together with the signature."""
    comment_signature: bytes
    key_id: bytes

    def is_signed_by(self, key: PublicKey, content: bytes) -> bool:
        """Whether the holder of this key signed the content, and the comment with it, and the file names this key."""
        return make_key_id(key) == self.key_id and self.has_content(key, content) and self.has_comment(key)

    def has_content(self, key: PublicKey, content: bytes) -> bool:
        """Whether the content is what was signed with this key; says nothing of the comment."""
        return key.is_signature(self.signature, content)

    def has_comment(self, key: PublicKey) -> bool:
        """Whether signature and comment were signed with this key; says nothing of the content."""
        return key.is_signature(self.comment_signature, self.signature + self.comment.encode())


def sign(key: SigningKey, content: bytes, comment: str) -> MinisignFile:
    """Sign content and comment. The comment must be one line."""
    signature = key.sign(content)
    return MinisignFile(signature, comment, key.sign(signature + comment.encode()), make_key_id(key.public))


def render(file: MinisignFile) -> bytes:
    """The bytes of a `.minisig` file."""
    first = base64.b64encode(_ALGORITHM + file.key_id + file.signature).decode("ascii")
    second = base64.b64encode(file.comment_signature).decode("ascii")
    # The first line is signed by nobody, so it says nothing.
    return f"untrusted comment: \n{first}\n{_TRUSTED}{file.comment}\n{second}\n".encode()


def parse(raw: bytes) -> MinisignFile:
    """The content of a `.minisig` file that this program wrote. Raises `ValueError` for any other bytes."""
    lines = raw.decode().split("\n")
    if len(lines) != 5:
        raise ValueError("not four lines")
    packed = decode_base64(lines[1])
    if packed[: len(_ALGORITHM)] != _ALGORITHM or len(packed) != len(_ALGORITHM) + _ID_SIZE + _SIGNATURE_SIZE:
        raise ValueError("not a signature by the legacy algorithm")
    key_id, signature = packed[2:10], packed[10:]
    file = MinisignFile(signature, lines[2].removeprefix(_TRUSTED), decode_base64(lines[3]), key_id)
    if render(file) != raw:
        raise ValueError("not in the form in which it was written")
    return file


def render_public_key(key: PublicKey) -> bytes:
    """The bytes of the file that `minisign -p` reads."""
    key_id = make_key_id(key)
    packed = base64.b64encode(_ALGORITHM + key_id + key.raw).decode("ascii")
    return f"untrusted comment: minisign public key {_show_key_id(key_id)}\n{packed}\n".encode()


def make_key_id(key: PublicKey) -> bytes:
    """Eight bytes by which minisign tells keys apart. Others choose them at random; these follow from the key."""
    return hashlib.sha256(key.raw).digest()[:_ID_SIZE]


def _show_key_id(key_id: bytes) -> str:
    """As minisign prints it: the number that the bytes are in little-endian order."""
    return f"{int.from_bytes(key_id, 'little'):016X}"
