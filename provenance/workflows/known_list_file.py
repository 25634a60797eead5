"""The file of a list of known material: JSON lines, the first of which describes the others.

Whoever reads one may have got it from anybody. Every field is checked before anything is used, and a list is taken as a
whole or not at all. Only fingerprints without pictures are in it, and none with one is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from provenance.catalogue.codec import from_plain, to_json
from provenance.errors import UsageError
from provenance.fingerprint import audio, block_signs, features, pictures
from provenance.media.text import replace_surrogates
from provenance.model.asset import Fingerprint, is_comparable
from provenance.model.known_list import ListedItem
from provenance.model.vocabulary import SUSPECT

SCHEMA = "provenance-known/1"
LARGEST_FILE = 2 * 1024**3
"""Bytes."""
_LONGEST_LINE = 64 * 1024**2
"""Bytes; the fingerprint of a long clip takes tens of them."""
_LARGEST_FINGERPRINT = 48 * 1024**2
_MOST_ITEMS = 1_000_000
LONGEST_TITLE = 120
_LONGEST_PATH = 4096
_LONGEST_TEXT = 2000
"""Characters of one text of an evidence."""
_MOST_EVIDENCE = 64
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
_AGAIN = "ask whoever sent it for the file again, or to export it anew with a current version"

Entry = tuple[ListedItem, tuple[Fingerprint, ...]]


@dataclass(frozen=True, slots=True)
class ListHead:
    """The first line."""

    schema: str
    title: str
    made_at: str
    """UTC, ISO 8601, by the clock of whoever made the list."""
    items: int
    sha256: str
    """Of everything after the first line, in hex."""


def write(title: str, made_at: str, entries: Iterable[Entry]) -> bytes:
    """The bytes of a list."""
    lines = [_write_entry(item, fingerprints) for item, fingerprints in entries]
    body = b"".join(lines)
    head = ListHead(SCHEMA, title, made_at, len(lines), hashlib.sha256(body).hexdigest())
    return to_json(head).encode() + b"\n" + body


def _write_entry(item: ListedItem, fingerprints: Iterable[Fingerprint]) -> bytes:
    packed = [[one.method, one.version, base64.b64encode(one.data).decode("ascii")] for one in fingerprints]
    return f'{{"item":{to_json(item)},"fingerprints":{json.dumps(packed)}}}\n'.encode()


def check_title(title: str) -> str:
    """The title in its one form. Raises `UsageError` for one that is empty, too long or not one printable line."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise UsageError(f"{title!r} is no title for a list", f"one line of at most {LONGEST_TITLE} letters")
    return title


def read(name: str, content: bytes) -> tuple[ListHead, list[Entry]]:
    """Everything in a list. Raises `UsageError` for anything that is not exactly a whole list."""
    first, _, body = content.partition(b"\n")
    try:
        head = from_plain(ListHead, _load(first))
    except ValueError:
        raise UsageError(f"{name} is not a list of known material", _AGAIN) from None
    if head.schema != SCHEMA:
        raise UsageError(f"{name} has the schema {head.schema[:40]!r}, and this version reads {SCHEMA}", _AGAIN)
    try:
        _check_head(head)
        if hashlib.sha256(body).hexdigest() != head.sha256:
            raise ValueError("it was changed, or not all of it is there")
        entries = list(_read_entries(body, head.items))
    except ValueError as error:
        raise UsageError(f"{name}: {error}; nothing of it was taken", _AGAIN) from None
    return head, entries


def _load(line: bytes) -> object:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _check_head(head: ListHead) -> None:
    if check_title(head.title) != head.title:
        raise ValueError("its title is not in the form in which it was written")
    if not _TIME.fullmatch(head.made_at):
        raise ValueError("it does not say when it was made")
    if not 0 <= head.items <= _MOST_ITEMS:
        raise ValueError(f"it has {head.items:,} items, and at most {_MOST_ITEMS:,} are taken")


def _read_entries(body: bytes, count: int) -> Iterator[Entry]:
    lines = body.split(b"\n")
    if lines.pop() or len(lines) != count:
        raise ValueError(f"it says that it has {count:,} items, and has {len(lines):,}")
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            item, fingerprints = _read_entry(line)
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"item {number:,}: {replace_surrogates(str(error))[:_LONGEST_TEXT]}") from None
        if item.digest in seen:
            raise ValueError(f"item {number:,}: the same digest stands in it twice")
        seen.add(item.digest)
        yield item, fingerprints


def _read_entry(line: bytes) -> Entry:
    if len(line) > _LONGEST_LINE:
        raise ValueError(f"longer than {_LONGEST_LINE:,} bytes")
    row = _load(line)
    if not isinstance(row, dict) or row.keys() != {"item", "fingerprints"}:
        raise ValueError("it is no item with fingerprints")
    item = from_plain(ListedItem, row["item"])
    _check_item(item)
    fingerprints = tuple(_read_fingerprint(*packed) for packed in row["fingerprints"])
    if len({one.method for one in fingerprints}) != len(fingerprints) or not fingerprints:
        raise ValueError("it has no fingerprint, or two of one kind")
    return item, fingerprints


def _check_item(item: ListedItem) -> None:
    if not _DIGEST.fullmatch(item.digest):
        raise ValueError("its digest is not one of SHA-256")
    if item.origin not in SUSPECT:
        raise ValueError(f"its origin is {item.origin.value}, and lists hold what is or may be generated")
    texts = [item.media_type]
    for evidence in item.evidence[: _MOST_EVIDENCE + 1]:
        texts += [evidence.signal, evidence.carrier, evidence.where, evidence.tool or "", evidence.detail]
    is_bounded = len(item.evidence) <= _MOST_EVIDENCE and max(map(len, texts)) <= _LONGEST_TEXT
    if not is_bounded or not 0 < len(item.path) <= _LONGEST_PATH:
        raise ValueError("its path or its evidence is longer than any that is written")
    if any(replace_surrogates(text) != text for text in (item.path, *texts)):
        raise ValueError("it has text that is not text")
    if any(evidence.used is not None for evidence in item.evidence):
        raise ValueError("it says what went into a generation, which lists do not")


def _read_fingerprint(method: object, version: object, text: object) -> Fingerprint:
    if not isinstance(method, str) or not isinstance(version, int) or not isinstance(text, str):
        raise TypeError("a fingerprint is not made of a method, a version and bytes")
    if not is_comparable(method, version):
        raise ValueError(
            f"its fingerprint ({method[:20]}, version {version}) is not of a version that is searched here"
        )
    if len(text) > _LARGEST_FINGERPRINT:
        raise ValueError(f"its fingerprint is larger than {_LARGEST_FINGERPRINT:,} bytes")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"its fingerprint is no base64: {error}") from None
    if method == audio.METHOD:
        for part in audio.unbundle(data):
            audio.from_bytes(bytes(part))
    else:
        _check_pictures(data, method)
    return Fingerprint(method, version, data)


def _check_pictures(data: bytes, method: str) -> None:
    """Raises `ValueError` for pictures that the search could not stand, and for one with a thumbnail."""
    parts = list(pictures.split(data))
    if not parts or (method == "picture" and len(parts) != 1):
        raise ValueError("its fingerprint holds no picture, or too many")
    words = len(features.load_vocabulary())
    for part in parts:
        one = pictures.parse(part)
        found = one.features
        if block_signs.parse(one.thumbnail) is None:
            raise ValueError("it holds a picture, and lists hold none")
        size = (found.width, found.height)
        is_sized = min(size) > 0 and max(size) <= features.GRAY_SIDE
        is_inside = len(found) == 0 or bool((found.points <= np.array(size, np.float32) + 1).all())
        has_words = len(found) == 0 or int(found.words.max()) < words
        if not (is_sized and is_inside and has_words and len(found) <= pictures.FULL_POINTS):
            raise ValueError("its points lie outside of its picture, or are too many")
        if not (np.isfinite(one.time) and one.time >= 0 and one.quality <= 100):
            raise ValueError("a picture of it has no time")
        if pictures.pack(method, [one]).data != bytes(part):
            raise ValueError("its fingerprint is not in the form in which it was written")
