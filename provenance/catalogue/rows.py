"""Values of the model <-> cells of the tables."""

from __future__ import annotations

import dataclasses
import os
import zlib

from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.ledger import hash_state
from provenance.model.asset import Location, Reading
from provenance.model.finding import Case
from provenance.model.vocabulary import Origin, Zone
from provenance.origin import decide_origin

_WORTH_PACKING = 200
"""Bytes from which on compression pays."""
_LARGEST = 512 * 1024 * 1024
"""Bytes that a stored reading may unfold to: far above what the limits of one look allow."""

READING = "assets.digest, readings.origin, readings.digest, readings.payload, readings.thumbnail"
PLACE = "roots.path, locations.path, locations.zone, locations.rest"
CASE = f"{PLACE}, {READING}"
CASES = """locations JOIN roots ON roots.id = locations.root JOIN readings ON readings.id = locations.reading
    LEFT JOIN assets ON assets.id = readings.asset"""
"""Columns and tables from which `unpack_reading` and `unpack_case` make values."""


@dataclasses.dataclass(frozen=True, slots=True)
class PackedReading:
    """A reading as it is stored, with the origin that its evidence settles on."""

    asset_digest: str | None
    """None when the bytes were never read as a whole: such a reading belongs to no asset."""
    size: int
    origin: Origin
    payload: bytes
    thumbnail: bytes | None

    @property
    def digest(self) -> bytes:
        """SHA-256 that names the reading."""
        return hash_state((self.asset_digest, self.origin.value, self.payload, self.thumbnail))


def pack_reading(reading: Reading) -> PackedReading:
    """A reading made ready to store; thumbnail, fingerprints and matches stand apart."""
    text = to_json(dataclasses.replace(reading, thumbnail=None, fingerprints=(), matches=())).encode()
    payload = text
    if len(text) >= _WORTH_PACKING:
        payload = zlib.compress(text)
    asset = reading.asset
    return PackedReading(asset.digest or None, asset.size, decide_origin(reading.evidence), payload, reading.thumbnail)


def unpack_reading(
    asset_digest: str | None, origin: str, digest: bytes, payload: bytes, thumbnail: bytes | None
) -> Reading:
    """The reading again. Raises `ValueError` when it is not what its digest names."""
    if hash_state((asset_digest, origin, payload, thumbnail)) != digest:
        raise ValueError(f"the reading of {asset_digest} is not what was recorded")
    # A payload that was too short to be worth packing is the JSON itself.
    text = payload
    if not payload.startswith(b"{"):
        text = _unpack_payload(payload)
    return dataclasses.replace(from_json(Reading, text), thumbnail=thumbnail)


def _unpack_payload(payload: bytes) -> bytes:
    unfolding = zlib.decompressobj()
    try:
        text = unfolding.decompress(payload, _LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unfolding.eof:
        raise ValueError("a stored reading does not end")
    return text


def pack_extras(location: Location) -> str | None:
    """What a location says besides root, name and zone, as JSON; None when that is nothing, as for most files."""
    rest = _Extras(*(getattr(location, field.name) for field in dataclasses.fields(_Extras)))
    if location.path == _decode_name(location.path_bytes):
        rest = dataclasses.replace(rest, path=None)
    return None if rest == _Extras() else to_json(rest)


def unpack_location(root: bytes, path: bytes, zone: str, rest: str | None) -> Location:
    """The location again. Raises `ValueError` for cells that do not describe one."""
    more = from_json(_Extras, rest) if rest else _Extras()
    shown = _decode_name(path) if more.path is None else more.path
    if shown is None:
        raise ValueError(f"{path!r} has no shown name")
    return Location(
        os.fsdecode(root), shown, path, Zone(zone),
        more.frames, more.missing, more.frame, more.sequence, more.parent,
    )  # fmt: skip


def unpack_case(row: tuple[object, ...]) -> Case:
    """One row of `CASE` as a value. Raises `ValueError` as its parts do."""
    location = unpack_location(*row[:4])  # type: ignore[arg-type]  # cells are typed by the STRICT tables
    reading = unpack_reading(*row[4:])  # type: ignore[arg-type]  # likewise
    return Case(location, reading, Origin(str(row[5])))


def _decode_name(path: bytes) -> str | None:
    try:
        return path.decode()
    except UnicodeDecodeError:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class _Extras:
    """The fields of a location that most have at their default."""

    path: str | None = None
    """Only where it is not the true name as text."""
    frames: tuple[int, int] | None = None
    missing: tuple[int, ...] = ()
    frame: int | None = None
    sequence: str | None = None
    parent: str | None = None
