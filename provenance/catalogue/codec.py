"""Frozen dataclasses of the model <-> compact JSON, guided by their own annotations.

Fields at their default are left out, and fields that the class does not have are ignored. So a class may gain a field
with a default while stored rows stay as they are. The JSON is ASCII: text that is not valid Unicode survives.
"""

from __future__ import annotations

import base64
import binascii
import collections.abc
import dataclasses
import enum
import functools
import json
import operator
import types
import typing
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

Encodable = TypeVar("Encodable")
Raw: TypeAlias = Any
"""A value as the `json` module reads and writes it."""

encode_compact = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without spaces, in ASCII."""
encode_text = json.encoder.encode_basestring_ascii
"""The same of one text."""


def to_json(value: object, without: tuple[str, ...] = ()) -> str:
    """JSON of a dataclass made of text, numbers, enums, tuples, bytes, fractions, mappings from text and dataclasses.

    `without`: fields of it that are left out.
    """
    if without:
        return _write_fields(value, without)
    return _WRITERS[type(value)](value)


def from_json(kind: type[Encodable], text: str | bytes) -> Encodable:
    """The value of class `kind` again. Raises `ValueError` for text that does not describe one."""
    try:
        plain = json.loads(text)
    except RecursionError as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from error
    return from_plain(kind, plain)


def from_plain(kind: type[Encodable], plain: Raw) -> Encodable:
    """As `from_json`, for JSON that is parsed already."""
    try:
        annotation: Raw = kind
        value: Encodable = _get_decoder(annotation)(plain)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        # Damaged text fails somewhere in the decoders or in the constructor; callers handle one kind of error.
        raise ValueError(f"not a {kind.__name__}: {error}") from error
    return value


def _write_fields(value: object, without: tuple[str, ...] = ()) -> str:
    """A dataclass as JSON."""
    kind: Raw = type(value)
    parts = []
    keys, defaults, get_all = _list_defaults(kind, without)
    for key, default, item in zip(keys, defaults, get_all(value), strict=True):
        # Most fields are at their default, and that very object: compared only where it may be another one like it.
        if item is not default and item != default:
            parts.append(key + _WRITERS[type(item)](item))
    return f"{{{','.join(parts)}}}"


def _write_items(values: Collection[object]) -> str:
    return f"[{','.join([_WRITERS[type(value)](value) for value in values])}]"


def _write_mapping(values: Mapping[str, object]) -> str:
    parts = [f"{encode_text(key)}:{_WRITERS[type(value)](value)}" for key, value in values.items()]
    return f"{{{','.join(parts)}}}"


def _write_bytes(value: bytes) -> str:
    # Nothing in base64 has to be escaped.
    return f'"{base64.b64encode(value).decode()}"'


def _write_fraction(value: Fraction) -> str:
    return f"[{value.numerator},{value.denominator}]"


class _Writers(dict[type, Callable[[Any], str]]):
    """By class of a value: the function that writes it."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        """Enumerations of the model are texts, and there are several kinds of mappings."""
        if dataclasses.is_dataclass(kind):
            self[kind] = _write_fields
        else:
            self[kind] = next(write for base, write in _WRITERS_OF_BASES if issubclass(kind, base))
        return self[kind]


_WRITERS_OF_BASES: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, encode_text),
    (bytes, _write_bytes),
    (Fraction, _write_fraction),
    (tuple, _write_items),
    (list, _write_items),
    (Mapping, _write_mapping),
    # Numbers, truth values and nothing.
    (object, encode_compact),
)
_WRITERS = _Writers({int: str, str: encode_text, type(None): lambda _: "null"})
"""A `json.JSONEncoder` makes an encoder for each text that it is asked for, which costs more than most texts."""


@functools.cache
def _list_defaults(
    kind: type, without: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[object, ...], Callable[[object], tuple[object, ...]]]:
    """Of all fields but those: how each begins in JSON, its default, and the function that takes them out of a value.

    A field that must be given has `dataclasses.MISSING`, which equals nothing.
    """
    fields = [field for field in dataclasses.fields(kind) if field.name not in without]
    names = tuple(field.name for field in fields)
    # With one name alone an `attrgetter` gives no tuple.
    get_all = operator.attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, n) for n in names)
    keys = tuple(f"{encode_text(name)}:" for name in names)
    return keys, tuple(field.default for field in fields), get_all


# Cached, because a report decodes one value for each stored row, of the same few types.
@functools.cache
def _get_decoder(kind: Raw) -> Callable[[Raw], Raw]:
    """The function that makes a value of an annotated type out of parsed JSON."""
    origin: Raw = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _make_optional_decoder(kind)
    if origin is tuple:
        return _make_tuple_decoder(kind)
    if origin is collections.abc.Mapping:
        return _make_mapping_decoder(kind)
    if dataclasses.is_dataclass(kind):
        return _make_dataclass_decoder(typing.cast("type", kind))
    if kind is bytes:
        return lambda raw: _decode_base64(_require_kind(str, raw))
    if kind is Fraction:
        return _decode_fraction
    if issubclass(kind, enum.Enum):
        return typing.cast("Callable[[Raw], Raw]", kind)
    if kind is float:
        # Python accepts a whole number in a float field, and JSON writes it without a point.
        return functools.partial(_require_kind, (int, float))
    return functools.partial(_require_kind, kind)


def _make_optional_decoder(kind: Raw) -> Callable[[Raw], Raw]:
    # The only unions in stored classes are `T | None`.
    inner_kind = next(argument for argument in typing.get_args(kind) if argument is not types.NoneType)
    decode_inner = _get_decoder(inner_kind)

    def decode(raw: Raw) -> Raw:
        if raw is None:
            return None
        return decode_inner(raw)

    return decode


def _make_tuple_decoder(kind: Raw) -> Callable[[Raw], Raw]:
    arguments = typing.get_args(kind)
    if arguments[-1] is Ellipsis:
        decode_item = _get_decoder(arguments[0])
        return lambda raw: tuple([decode_item(item) for item in _require_kind(list, raw)])
    decoders = [_get_decoder(argument) for argument in arguments]
    return lambda raw: tuple([decode(item) for decode, item in zip(decoders, raw, strict=True)])


def _make_mapping_decoder(kind: Raw) -> Callable[[Raw], Raw]:
    # The keys of JSON are always text.
    decode_item = _get_decoder(typing.get_args(kind)[1])
    return lambda raw: {key: decode_item(item) for key, item in _require_kind(dict, raw).items()}


def _make_dataclass_decoder(kind: type) -> Callable[[Raw], Raw]:
    annotations = typing.get_type_hints(kind)
    decoders = [(field.name, _get_decoder(annotations[field.name])) for field in dataclasses.fields(kind)]

    def decode(raw: Raw) -> Raw:
        stored = _require_kind(dict, raw)
        return kind(**{name: decode_field(stored[name]) for name, decode_field in decoders if name in stored})

    return decode


def _decode_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _decode_fraction(raw: Raw) -> Fraction:
    numerator, denominator = _require_kind(list, raw)
    if not _require_kind(int, denominator):
        raise ValueError("a fraction of nothing")
    return Fraction(_require_kind(int, numerator), denominator)


def _require_kind(kind: Raw, raw: Raw) -> Raw:
    if not isinstance(raw, kind):
        # Bounded, because a damaged value may be megabytes long.
        raise ValueError(f"found {raw!r:.40} instead of {kind}")
    return raw
