"""Frozen dataclasses of the model <-> compact JSON, guided by their own annotations.

Fields at their default are left out; fields that a text has and the class has not are passed over. So a class may
gain a field with a default without touching what is stored. The JSON is ASCII: text that is not valid Unicode survives.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

Encodable = TypeVar("Encodable")
Raw: TypeAlias = Any
"""What `json` takes and gives."""

encode_compact = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without spaces, in ASCII."""


def to_json(value: object) -> str:
    """JSON of a dataclass made of text, numbers, enums, tuples and other dataclasses."""
    return encode_compact(_plain(value))


def from_json(kind: type[Encodable], text: str | bytes) -> Encodable:
    """The value again. Raises `ValueError` for text that does not describe one."""
    try:
        annotation: Raw = kind
        value: Encodable = _reader(annotation)(json.loads(text))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error
    return value


def _plain(value: object) -> Raw:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    kind: Raw = type(value)
    said = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: _plain(item) for name, item, default in said if item != default}


@functools.cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


@functools.cache
def _reader(kind: Raw) -> Callable[[Raw], Raw]:
    """What makes a value of an annotated type out of parsed JSON."""
    origin: Raw = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        inner = _reader(next(argument for argument in arguments if argument is not types.NoneType))
        return lambda raw: None if raw is None else inner(raw)
    if origin is tuple and arguments[-1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda raw: tuple([each(item) for item in _require_kind(list, raw)])
    if origin is tuple:
        readers = [_reader(argument) for argument in arguments]
        return lambda raw: tuple([read(item) for read, item in zip(readers, raw, strict=True)])
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast("type", kind))
    if kind is bytes:
        return lambda raw: _decode_base64(_require_kind(str, raw))
    if issubclass(kind, enum.Enum):
        return typing.cast("Callable[[Raw], Raw]", kind)
    return functools.partial(_require_kind, (int, float) if kind is float else kind)


def _dataclass_reader(kind: type) -> Callable[[Raw], Raw]:
    annotated = typing.get_type_hints(kind)
    readers = [(field.name, _reader(annotated[field.name])) for field in dataclasses.fields(kind)]

    def read(raw: Raw) -> Raw:
        return kind(**{name: reader(raw[name]) for name, reader in readers if name in _require_kind(dict, raw)})

    return read


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _require_kind(kind: Raw, raw: Raw) -> Raw:
    if not isinstance(raw, kind):
        raise ValueError(f"{raw!r:.40} where {kind} was stored")
    return raw
