"""One Report -> bytes."""
