"""Keypoints of a picture are detected once for all tests of a process: most of them show the same few pictures."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import pytest

from provenance.fingerprint import features
from provenance.media.arrays import Floats, Gray

_KEPT = 300
"""Pictures; each takes about half a megabyte."""
_detect = features._detect_and_describe


@functools.lru_cache(_KEPT)
def _detect_once(data: bytes, shape: tuple[int, ...], most: int) -> tuple[Floats, Floats]:
    found = _detect(np.frombuffer(data, np.uint8).reshape(shape), most)
    for part in found:
        part.flags.writeable = False
    return found


@pytest.fixture(scope="module", autouse=True)
def _keypoints_are_kept() -> Iterator[None]:
    def detect(gray: Gray, most: int) -> tuple[Floats, Floats]:
        return _detect_once(gray.tobytes(), gray.shape, most)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "_detect_and_describe", detect)
        yield
