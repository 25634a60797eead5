"""Bytes, file formats and decoding. Knows nothing of AI, policy or SQL."""
