"""Characters out of the metadata of an ONNX file, and files that are none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.labels.weights import WeightsUnusableError, find_weights, read_characters


def encode_field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return encode_integer(number << 3 | 2) + encode_integer(len(value)) + value


def encode_integer(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])


def encode_model(characters: bytes) -> bytes:
    """The beginning of a model, its graph, and two entries of metadata."""
    producer = encode_field(14, encode_field(1, b"producer") + encode_field(2, b"somebody"))
    entry = encode_field(14, encode_field(1, b"character") + encode_field(2, characters))
    return encode_integer(1 << 3) + encode_integer(8) + encode_field(7, bytes(300)) + producer + entry


def test_characters_in_the_order_of_the_output(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(encode_model("生\n成\nA".encode()))
    assert read_characters(str(tmp_path / "model.onnx")) == ("", "生", "成", "A", " ")


@given(st.binary(min_size=1, max_size=80) | st.integers(1, 340).map(lambda size: encode_model(b"A\nB")[:size]))
def test_damage_is_an_error_and_nothing_else(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("damaged") / "model.onnx"
    path.write_bytes(data)
    with contextlib.suppress(WeightsUnusableError, UnicodeDecodeError):
        assert read_characters(str(path))


def test_what_is_installed_names_its_characters() -> None:
    weights = find_weights()
    if weights is None:
        pytest.skip("the extra labels is not installed")
    characters = read_characters(weights.recognition)
    assert {"A", "I", "生", "成", "é", "ü", "あ"} <= set(characters)
