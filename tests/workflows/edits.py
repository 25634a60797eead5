"""What happens on two storages between two nights, drawn by chance from a seed."""

from __future__ import annotations

import io
import os
import random
import shutil
import zipfile
from pathlib import Path

from PIL import Image, PngImagePlugin

from tests.workflows.show import Show


def make(place: Path, draw: random.Random) -> None:
    """Something new, or other content in something that is there."""
    place.parent.mkdir(parents=True, exist_ok=True)
    kind = place.suffix
    if kind == ".png":
        marks = PngImagePlugin.PngInfo()
        marks.add_text(
            "parameters",
            f"a harbour\nSteps: {draw.randrange(99)}, Sampler: Euler a, CFG scale: 7, Seed: 7, Size: 8x8, Model: x",
        )
        Image.new("RGB", (8, 8), (draw.randrange(256), 1, 1)).save(place, pnginfo=marks)
    elif kind == ".zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("in/a.txt", str(draw.random()))
            shown = io.BytesIO()
            Image.new("RGB", (64, 48), (draw.randrange(256), 9, 9)).save(shown, "PNG")
            archive.writestr("in/b.png", shown.getvalue())
    else:
        place.write_text(str(draw.random()))


NAMES = ("a.txt", "b.txt", "a.png", "a.xmp", "a.png.xmp", "a.json", "c.zip", "Thumbs.db", ".hidden", "caf\udce9.txt",
         "movie.avi", "no suffix", "x!y.txt", *(f"shot.{number:04}.dpx" for number in range(9)))  # fmt: skip
FOLDERS = ("", "day1", "day1/sub", "day-1", "day2", "x!y")


def edit(show: Show, draw: random.Random) -> None:
    """One thing that happens on a storage."""
    root = draw.choice((show.edit, show.out))
    place = root / draw.choice(FOLDERS) / draw.choice(NAMES)
    there = sorted(path for path in root.rglob("*") if path.is_file())
    deed = draw.choice(("make", "make", "make", "delete", "touch", "rename", "copy", "move folder", "put back"))
    if deed == "make" or not there:
        make(place, draw)
        return
    old = draw.choice(there)
    status = old.stat()
    if deed == "delete":
        old.unlink()
    elif deed == "touch":
        os.utime(old)
    elif deed == "rename":
        place.parent.mkdir(parents=True, exist_ok=True)
        old.rename(place)
    elif deed == "copy":
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old, place)
    elif deed == "put back":
        # Other bytes of the same size, with the times of the old ones.
        old.write_bytes(os.urandom(status.st_size))
        os.utime(old, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif (folder := old.parent) != root and not (moved := root / "moved").exists():
        folder.rename(moved)
