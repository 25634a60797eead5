"""Bytes, the types of files, and file formats. Knows nothing of AI, policy or SQL."""
