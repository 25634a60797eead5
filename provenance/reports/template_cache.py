"""Compiled templates, kept beside them as Python keeps compiled modules: compiling takes longer than a short report."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

_CUT_SHORT = (EOFError, ValueError, TypeError, pickle.UnpicklingError)
"""What jinja raises for a part of a file."""
TEMPLATES = Path(__file__).parent / "templates"


class TemplateCache(jinja2.BytecodeCache):
    """Keeps what jinja makes of each template in a file. Where none can be written, it is made anew every time."""

    def __init__(self, sources: Sequence[Path], folder: Path = TEMPLATES / "__pycache__") -> None:
        """`sources`: modules that settle how templates are compiled; jinja compares the templates themselves."""
        self._folder = folder
        state = hashlib.sha256(jinja2.__version__.encode())
        for source in sources:
            # A program that came without its source is never edited.
            with contextlib.suppress(OSError):
                state.update(source.read_bytes())
        self._ending = f"{state.hexdigest()[:16]}.{sys.implementation.cache_tag}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if this template was compiled before."""
        # A file that was cut short raises one of several errors, and is as good as none.
        with contextlib.suppress(OSError, *_CUT_SHORT), self._name(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if sys.dont_write_bytecode:
            return
        name = self._name(bucket)
        # Another process may read it at the same time: it sees the whole file or none.
        unfinished = name.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with unfinished.open("wb") as file:
                bucket.write_bytecode(file)
            unfinished.replace(name)

    def _name(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{self._ending}"
