"""Optional components: which are missing, and what the program cannot do without them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

OPTIONAL = {
    "typst": ("pdf", "PDF reports"),
    "noto_cjk_sans_otc": ("pdf", "Chinese, Japanese and Korean names in PDF reports"),
    "brotli": ("jxl", "look into packed boxes of JPEG XL"),
    "pi_heif": ("heif", "pictures of HEIC files"),
    "rapidocr": ("labels", "text in pictures, which --look-for labels looks for"),
}
"""Module -> the extra that installs it, and what it is for."""


def list_missing() -> Iterator[str]:
    """`brotli (look into packed boxes of JPEG XL)` for every optional component that is not installed."""
    for module, (_, purpose) in OPTIONAL.items():
        if importlib.util.find_spec(module) is None:
            yield f"{module} ({purpose})"
