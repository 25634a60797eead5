"""Where the weights of the text reader lie, and which characters they know.

The extra `labels` installs the distribution `rapidocr`, which contains them. None of its code is run or imported: two
files of it are read.
"""

from __future__ import annotations

import importlib.util
import mmap
import os
import re
from dataclasses import dataclass

PACKAGE = "rapidocr"
"""The distribution that contains the weights."""
NOT_INSTALLED = "text in pictures cannot be read without the optional part `labels`"
HINT = "install it with: pip install 'provenance[labels]'"

_DETECTION = re.compile(r"PP-OCRv\d+_det_\w+\.onnx")
_RECOGNITION = re.compile(r"PP-OCRv\d+_rec_\w+\.onnx")
_METADATA_FIELD = 14
"""Number of `metadata_props` in ONNX's `ModelProto`; each entry has a key (1) and a value (2)."""
_CHARACTERS_KEY = b"character"
_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
"""Wire types of protocol buffers."""


class WeightsUnusableError(Exception):
    """The weights are there, but not what this program can use."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The two files."""

    detection: str
    """Path of the network that finds lines of text."""
    recognition: str
    """Path of the network that reads one line."""


def find_weights() -> Weights | None:
    """The weights; None when the optional part is not installed."""
    # `find_spec` of a package at the top level looks for it and imports nothing.
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        models = os.path.join(folder, "models")
        if not os.path.isdir(models):
            continue
        names = sorted(os.listdir(models))
        detection = [name for name in names if _DETECTION.fullmatch(name)]
        recognition = [name for name in names if _RECOGNITION.fullmatch(name)]
        if detection and recognition:
            return Weights(os.path.join(models, detection[-1]), os.path.join(models, recognition[-1]))
    return None


def read_characters(path: str) -> tuple[str, ...]:
    """The characters that a recognition network knows, in the order of its output, from the metadata of its ONNX file.

    Raises `WeightsUnusableError` for a file without them, `OSError` for one that cannot be read.
    """
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for number, value in _walk_fields(data, 0, len(data)):
            if number != _METADATA_FIELD:
                continue
            entry = {inner: data[slice(*span)] for inner, span in _walk_fields(data, *value)}
            if entry.get(1) == _CHARACTERS_KEY:
                # The output has a blank before them, and a space after them.
                return ("", *entry.get(2, b"").decode().split("\n"), " ")
    raise WeightsUnusableError(f"{path} does not name its characters")


def _walk_fields(data: mmap.mmap, start: int, end: int) -> list[tuple[int, tuple[int, int]]]:
    """Number of every length-delimited field of a message, and where its value begins and ends."""
    # Bodies are skipped, so that of 20 MB of weights nothing is read.
    fields = []
    while start < end:
        tag, start = _read_varint(data, start, end)
        wire_type = tag & 7
        if wire_type == _VARINT:
            _, start = _read_varint(data, start, end)
        elif wire_type == _FIXED64:
            start += 8
        elif wire_type == _FIXED32:
            start += 4
        elif wire_type == _LENGTH_DELIMITED:
            length, start = _read_varint(data, start, end)
            fields.append((tag >> 3, (start, min(start + length, end))))
            start += length
        else:
            raise WeightsUnusableError("the file with the weights is damaged")
    return fields


def _read_varint(data: mmap.mmap, start: int, end: int) -> tuple[int, int]:
    """An integer, and where the next byte stands."""
    value = shift = 0
    while start < end and shift < 64:
        byte = data[start]
        start += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, start
        shift += 7
    raise WeightsUnusableError("the file with the weights is damaged")
