"""Values of the model <-> cells of the tables."""

from __future__ import annotations

import dataclasses
import os
import zlib
from typing import NamedTuple

from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.ledger import Cell, EncodedCell, encode_cell, hash_state
from provenance.model.asset import Location, Reading
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Zone
from provenance.origin import decide_origin

_MIN_PACKED_SIZE = 200
"""Bytes of JSON from which compression makes a row smaller."""
_MAX_UNPACKED_SIZE = 512 * 1024 * 1024
"""Bytes that a stored reading may decompress to: far above what `Limits` allows for one file."""

_KEPT_APART = ("thumbnail", "fingerprints", "matches", "manifests", "frame_digests", "cutouts")
"""Fields of a reading that its payload leaves out: the first has a column of its own, the others a table."""

READING = "assets.digest, readings.origin, readings.digest, readings.payload, readings.thumbnail"
PLACE = "roots.path, locations.path, locations.zone, locations.rest"
CASE = f"{PLACE}, {READING}, locations.at"
CASES = """locations JOIN roots ON roots.id = locations.root JOIN readings ON readings.id = locations.reading
    LEFT JOIN assets ON assets.id = readings.asset"""
"""Columns and tables from which `unpack_reading` and `unpack_case` build values."""


class PackedReading(NamedTuple):
    """A reading as it is stored, with the origin that follows from its evidence."""

    asset_digest: str | None
    """None when the file could not be read to its end: such a reading does not belong to an asset."""
    size: int
    origin: Origin
    payload: bytes
    thumbnail: bytes | None
    digest: bytes
    """SHA-256 that identifies the reading."""
    encoded_payload: EncodedCell
    """As the ledger writes it, for the state of the row."""


def pack_reading(reading: Reading) -> PackedReading:
    """Prepare a reading for storing, without what has tables of its own."""
    text = to_json(reading, without=_KEPT_APART).encode()
    payload = text
    if len(text) >= _MIN_PACKED_SIZE:
        payload = zlib.compress(text)
    asset_digest, origin = reading.asset.digest or None, decide_origin(reading.evidence)
    encoded = encode_cell(payload)
    state: tuple[Cell, ...] = (asset_digest, origin.value, encoded, reading.thumbnail)
    return PackedReading(
        asset_digest, reading.asset.size, origin, payload, reading.thumbnail, hash_state(state), encoded
    )


def unpack_reading(
    asset_digest: str | None, origin: str, digest: bytes, payload: bytes, thumbnail: bytes | None
) -> Reading:
    """The reading of a row. Raises `ValueError` when it does not have the digest that was stored with it."""
    text = unpack_reading_text(asset_digest, origin, digest, payload, thumbnail)
    return dataclasses.replace(from_json(Reading, text), thumbnail=thumbnail)


def unpack_reading_text(
    asset_digest: str | None, origin: str, digest: bytes, payload: bytes, thumbnail: bytes | None
) -> bytes:
    """The reading of a row as JSON, for those who need a part of it. Raises as `unpack_reading`."""
    if hash_state((asset_digest, origin, payload, thumbnail)) != digest:
        raise ValueError(f"the reading of {asset_digest} is not the one that was recorded")
    # A payload that was too short to be worth compressing is the JSON itself.
    if payload.startswith(b"{"):
        return payload
    return _unpack_payload(payload)


def _unpack_payload(payload: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        text = decompressor.decompress(payload, _MAX_UNPACKED_SIZE)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    # Without its end the stream was cut off, or it is a decompression bomb that reached the bound.
    if not decompressor.eof:
        raise ValueError("a stored reading is incomplete or too large")
    return text


def pack_extras(location: Location) -> str | None:
    """The fields of a location besides root, name and zone, as JSON; None when all are at their default."""
    shown = None
    if location.path != _decode_name(location.path_bytes):
        shown = location.path
    extras = (shown, location.frames, location.missing, location.frame, location.sequence, location.parent)
    # Most locations are plain files without any of these, and there may be millions: None keeps their rows short.
    if extras == _NO_EXTRAS:
        return None
    return to_json(_Extras(*extras))


def unpack_location(root: bytes, path: bytes, zone: str, packed_extras: str | None) -> Location:
    """The location of a row. Raises `ValueError` for cells that do not describe one."""
    extras = _Extras()
    if packed_extras:
        extras = from_json(_Extras, packed_extras)
    shown = extras.path
    if shown is None:
        shown = _decode_name(path)
    if shown is None:
        raise ValueError(f"{path!r} has no shown name")
    return Location(
        root=os.fsdecode(root),
        path=shown,
        path_bytes=path,
        zone=Zone(zone),
        frames=extras.frames,
        missing=extras.missing,
        frame=extras.frame,
        sequence=extras.sequence,
        parent=extras.parent,
    )


def unpack_shown_path(path: bytes, packed_extras: str | None) -> str:
    """The path as shown of a row, without the rest of its location. Raises as `unpack_location`."""
    # Root and zone do not matter for the path: any valid ones will do.
    return unpack_location(b"", path, Zone.EDITORIAL.value, packed_extras).path


def unpack_case(row: tuple[object, ...]) -> Case:
    """One row of `CASE` as a value. Raises `ValueError` as its parts do."""
    # Four columns of `PLACE`, then five of `READING`, of which the second is the origin, then when that was recorded.
    location = unpack_location(*row[:4])  # type: ignore[arg-type]  # cells are typed by the STRICT tables
    reading = unpack_reading(*row[4:9])  # type: ignore[arg-type]  # likewise
    return Case(location, reading, Origin(str(row[5])), read_at="".join(map(str, row[9:])))


def _decode_name(path: bytes) -> str | None:
    try:
        return path.decode()
    except UnicodeDecodeError:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class _Extras:
    """The fields of a location that are at their default for most files; stored as JSON in `locations.rest`."""

    path: str | None = None
    """The path as shown; only where it is not simply the true name decoded."""
    frames: tuple[int, int] | None = None
    missing: tuple[int, ...] = ()
    frame: int | None = None
    sequence: str | None = None
    parent: str | None = None


_NO_EXTRAS = dataclasses.astuple(_Extras())
