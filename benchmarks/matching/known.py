"""Catalogues of any size, as `ingest` fills them but without thousands of files: each learned whole."""

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

_NOW = "2026-01-01T00:00:00Z"
_MIXED = 4
"""Known pictures whose points make up one that is only there to be passed over."""
_FLIPPED = 8
"""Bits of 64 by which its signatures differ from theirs."""


def make_crops(paths: list[Path], count: int) -> Iterator[Picture]:
    """Quarters of the pictures, and of drawn ones when these do not suffice: nothing twice."""
    for number in range(-(-count // 4)):
        whole = load(paths[number]) if number < len(paths) else draw(number)
        for corner in range(min(4, count - number * 4)):
            yield crop(whole, 0.5, corner % 2, corner // 2)


def make_catalogues(folder: Path, paths: list[Path], sizes: list[int], random: np.random.Generator) -> list[Path]:
    """Catalogues of so many stills, the smaller within the larger; what stands there from an earlier run is kept.

    Those of the smallest are quarters of pictures, the others mixed from their points: as many, in the same words.
    """
    paths = [folder / f"known{size}.db" for size in sizes]
    if all(path.exists() for path in paths):
        return paths
    looks = [fingerprint_picture(crop) for crop in make_crops(paths, min(sizes))]
    while len(looks) < max(sizes):
        looks.append(_mix([looks[number] for number in random.integers(0, min(sizes), _MIXED)], random))
    for path, size in zip(paths, sizes, strict=True):
        _fill(path, [pictures.pack("picture", [look]) for look in looks[:size]])
    return paths


def fingerprint_picture(picture: Picture) -> PictureFingerprint:
    """A picture as `ingest` keeps it, whole."""
    height = round(features.GRAY_SIDE * picture.shape[0] / picture.shape[1])
    gray = np.asarray(cv2.cvtColor(resize(picture, features.GRAY_SIDE, height), cv2.COLOR_BGR2GRAY), np.uint8)
    high = round(pictures.THUMBNAIL_SIDE * height / features.GRAY_SIDE)
    small = np.ascontiguousarray(resize(picture, pictures.THUMBNAIL_SIDE, high)[:, :, ::-1])
    return pictures.make_fingerprint(gray, small, pictures.FULL_POINTS)


def _mix(looks: list[PictureFingerprint], random: np.random.Generator) -> PictureFingerprint:
    """A picture that never was: every fourth point of four others, each a little different."""
    parts = [look.features for look in looks]
    kept = [random.permutation(len(part))[: len(part) // _MIXED + 1] for part in parts]

    columns = {
        name: np.concatenate([getattr(part, name)[rows] for part, rows in zip(parts, kept, strict=True)])
        for name in ("points", "scales", "angles", "codes", "words", "signatures")
    }
    flips = np.zeros((len(columns["words"]), 64), np.uint8)
    np.put_along_axis(flips, random.integers(0, 64, (len(flips), _FLIPPED)), 1, axis=1)
    columns["signatures"] = columns["signatures"] ^ np.packbits(flips, axis=1).view(np.uint64)[:, 0]
    points = Features(parts[0].width, parts[0].height, **columns)
    return dataclasses.replace(looks[0], perceptual_hash=random.bytes(32), features=points)


def _fill(path: Path, kept: list[Fingerprint]) -> None:
    path.unlink(missing_ok=True)
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", _NOW)
        for number, one in enumerate(kept):
            digest = hashlib.sha256(number.to_bytes(4)).hexdigest()
            name = f"still{number:05d}.jpg"
            asset = Asset(f"sha256:{digest}", digest[:32], 100_000, "image/jpeg", 1280, 720)
            catalogue.add(Location("/known", name, name.encode()), "", Reading(asset, fingerprints=(one,)), run, _NOW)
        catalogue.end_run(run, _NOW, "done")


def split_pictures(given: list[str], random: np.random.Generator) -> tuple[list[Path], list[Path]]:
    """Pictures to be known, and pictures to make reels of."""
    found = material.find_pictures(
        material.choose_folders(given, "PROVENANCE_PICTURES", material.PICTURES, ("skimage",))
    )
    order = random.permutation(len(found)).tolist()
    return [found[number] for number in order[::2]], [found[number] for number in order[1::2]]
