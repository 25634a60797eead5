"""Signatures in standard formats, none of our own: Ed25519 keys, minisign, signed notes, sha256sum lists, RFC 3161."""
