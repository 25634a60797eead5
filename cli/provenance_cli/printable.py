"""Text for a terminal: names out of a hostile storage are shown, never obeyed."""

from __future__ import annotations


def make_printable(text: str) -> str:
    """The text with everything escaped that a terminal would act on, but for line breaks."""
    printable = "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)
    return printable.encode("utf-8", "backslashreplace").decode()
