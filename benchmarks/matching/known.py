"""Catalogues of any size, as `ingest` fills them but without thousands of files; everything in full."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from benchmarks.matching import material
from benchmarks.matching.material import Picture, crop, draw, load, resize
from provenance.catalogue.store import Catalogue
from provenance.fingerprint import features, pictures
from provenance.fingerprint.features import Features
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.model.asset import Asset, Fingerprint, Location, Reading
from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing

_NOW = "2026-01-01T00:00:00Z"
_EVIDENCE = Evidence("benchmark", "xmp", "here", Origin.GENERATED, Standing.DECLARED, None, "It says so.")
"""What makes a still generated material, which deliverables are searched for by default."""
_MIXED = 4
"""Known pictures whose points make up one filler, a picture that is only there to be searched in vain."""
_FLIPPED = 8
"""Bits of 64 by which the signatures of a filler differ from theirs."""


def make_crops(paths: list[Path], count: int) -> Iterator[Picture]:
    """Yield quarters of the pictures, and of drawn ones when these do not suffice: nothing twice."""
    for number in range(-(-count // 4)):
        whole = load(paths[number]) if number < len(paths) else draw(number)
        for corner in range(min(4, count - number * 4)):
            yield crop(whole, 0.5, corner % 2, corner // 2)


def make_catalogues(folder: Path, sources: list[Path], sizes: list[int], random: np.random.Generator) -> list[Path]:
    """Catalogues of so many stills, the smaller ones contained in the larger; those of an earlier run are used again.

    The stills of the smallest are quarters of the `sources`. The others are fillers mixed from their points: as many
    points, in the same words.
    """
    catalogues = [folder / f"known{size}.db" for size in sizes]
    if all(path.exists() for path in catalogues):
        return catalogues
    fingerprints = [fingerprint_picture(quarter) for quarter in make_crops(sources, min(sizes))]
    while len(fingerprints) < max(sizes):
        mixed = [fingerprints[number] for number in random.integers(0, min(sizes), _MIXED)]
        fingerprints.append(_mix(mixed, random))
    stored = [pictures.pack("picture", [fingerprint]) for fingerprint in fingerprints]
    for path, size in zip(catalogues, sizes, strict=True):
        fill_catalogue(path, stored[:size])
    return catalogues


def fingerprint_picture(picture: Picture) -> PictureFingerprint:
    """Fingerprint a picture as `ingest` does, in full."""
    height = round(features.GRAY_SIDE * picture.shape[0] / picture.shape[1])
    gray = np.asarray(cv2.cvtColor(resize(picture, features.GRAY_SIDE, height), cv2.COLOR_BGR2GRAY), np.uint8)
    thumbnail_height = round(pictures.THUMBNAIL_SIDE * height / features.GRAY_SIDE)
    thumbnail = resize(picture, pictures.THUMBNAIL_SIDE, thumbnail_height)[:, :, ::-1]
    return pictures.make_fingerprint(gray, np.ascontiguousarray(thumbnail), pictures.FULL_POINTS)


def _mix(fingerprints: list[PictureFingerprint], random: np.random.Generator) -> PictureFingerprint:
    """A filler: every fourth point of four pictures, each a little different."""
    parts = [fingerprint.features for fingerprint in fingerprints]
    kept = [random.permutation(len(part))[: len(part) // _MIXED + 1] for part in parts]
    columns = {}
    for name in ("points", "scales", "angles", "codes", "words", "signatures"):
        pieces = [getattr(part, name)[rows] for part, rows in zip(parts, kept, strict=True)]
        columns[name] = np.concatenate(pieces)
    flips = np.zeros((len(columns["words"]), 64), np.uint8)
    np.put_along_axis(flips, random.integers(0, 64, (len(flips), _FLIPPED)), 1, axis=1)
    columns["signatures"] = columns["signatures"] ^ np.packbits(flips, axis=1).view(np.uint64)[:, 0]
    points = Features(parts[0].width, parts[0].height, **columns)
    return dataclasses.replace(fingerprints[0], perceptual_hash=random.bytes(32), features=points)


def fill_catalogue(path: Path, fingerprints: list[Fingerprint]) -> None:
    """Fill a catalogue with generated stills that have these fingerprints."""
    path.unlink(missing_ok=True)
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", _NOW)
        for number, fingerprint in enumerate(fingerprints):
            digest = hashlib.sha256(number.to_bytes(4)).hexdigest()
            name = f"still{number:05d}.jpg"
            asset = Asset(f"sha256:{digest}", digest[:32], 100_000, "image/jpeg", 1280, 720)
            reading = Reading(asset, evidence=(_EVIDENCE,), fingerprints=(fingerprint,))
            catalogue.add(Location("/known", name, name.encode()), "", reading, run, _NOW)
        catalogue.end_run(run, _NOW, "done")


def split_pictures(folders: list[str], random: np.random.Generator) -> tuple[list[Path], list[Path]]:
    """Pictures to be known, and pictures to make movies of."""
    where = material.choose_folders(folders, "PROVENANCE_PICTURES", material.PICTURES, ("skimage",))
    found = material.find_pictures(where)
    order = random.permutation(len(found)).tolist()
    return [found[number] for number in order[::2]], [found[number] for number in order[1::2]]
