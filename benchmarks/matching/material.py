"""Pictures and footage to measure with: those of this machine, and drawn ones, so that it runs on any."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import av.error
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

WIDE = 1280
"""Pixels of a frame from left to right."""
HIGH = 720
"""Pixels of a frame from top to bottom."""
RATE = 24
"""Frames a second."""
Picture = NDArray[np.uint8]
"""(height, width, 3) uint8, 0 to 255, blue first, as OpenCV has it."""

PICTURES = ("/usr/share/backgrounds", "/usr/share/wallpapers", "/usr/share/doc/opencv-doc/examples/data")
FOOTAGE = ("/usr/share/doc/opencv-doc/examples/data",)
_MOVING = {".mp4", ".avi", ".mov", ".mkv", ".m4v", ".mxf"}
_STILL = {".jpg", ".jpeg", ".png", ".webp"}
_LARGEST = 2560
"""Pixels of the width that pictures are shrunk to."""
_MAX_FRAMES = 400
"""Frames of real footage that are used."""
_FEWEST_FRAMES = 48
"""Frames that real footage must have."""
_SAME = 0.9
"""Correlation of two 24 x 24 pictures above which they are one picture in two sizes."""


def choose_folders(named: Sequence[str], variable: str, usual: Sequence[str], packages: Sequence[str]) -> list[str]:
    """Folders `named` on the command line, otherwise those of an environment variable, otherwise the usual ones."""
    if named:
        return [*named]
    of_environment = [folder for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    if of_environment:
        return of_environment
    found = [*usual]
    for package in packages:
        if spec := find_spec(package):
            found += spec.submodule_search_locations or []
    return [folder for folder in found if Path(folder).is_dir()]


def find_pictures(where: Sequence[str]) -> list[Path]:
    """Distinct pictures below the folders: one of each series and of each scene, none too small or nearly plain."""
    kept: dict[str, Path] = {}
    thumbs: list[NDArray[np.float32]] = []
    for path in _list_files(where, _STILL):
        name = name_series(path)
        if name in kept:
            continue
        gray = cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_2)
        if gray is None or min(gray.shape) < 110 or _is_plain(gray):
            continue
        # Thumbnails of length 1 around their mean: the product of two is their correlation.
        thumb = cv2.resize(gray, (24, 24), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        thumb = (thumb - thumb.mean()) / max(float(np.linalg.norm(thumb - thumb.mean())), 1e-3)
        is_new = all(float(thumb @ other) < _SAME for other in thumbs)
        if is_new:
            kept[name] = path
            thumbs.append(thumb)
    return list(kept.values())


def _list_files(folders: Sequence[str], suffixes: set[str]) -> list[Path]:
    """Files below the folders with one of these suffixes, sorted; a file may be named as well."""
    files: list[Path] = []
    for folder in map(Path, folders):
        below = [folder] if folder.is_file() else folder.rglob("*")
        files += [path for path in below if path.suffix.lower() in suffixes]
    return sorted(files)


def _is_plain(gray: NDArray[Any]) -> bool:
    """Whether most of the picture shows next to nothing: a gradient, a logo on one colour."""
    small = cv2.resize(gray, (320, 180), interpolation=cv2.INTER_AREA)
    # 220 blocks of 16 x 16 pixels.
    blocks = small[:176].reshape(11, 16, 20, 16).swapaxes(1, 2).reshape(220, 256)
    return bool((blocks.std(1) > 3).mean() < 0.4)


def name_series(path: Path) -> str:
    """The name that numbered takes, sizes and the dark and light version of one wallpaper have in common."""
    folder, inside, _ = str(path).partition("/contents/")
    if inside:
        return folder
    word = re.match(r"[A-Za-z]?[a-z]{2,}|[A-Z]{2,}", path.stem)
    # Catalogue numbers do not make a series.
    is_catalogue_number = re.match(r"[a-z]\d{5,}", path.stem) is not None
    if word is None or is_catalogue_number:
        return f"{path.parent}/{path.stem}"
    return f"{path.parent}/{word[0]}"


def load(path: Path) -> Picture:
    """Load the middle of a picture at 16:9, at most `_LARGEST` wide."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} cannot be read")
    picture = crop_to_widescreen(np.asarray(picture, np.uint8))
    scale = min(1.0, _LARGEST / picture.shape[1])
    return resize(picture, round(picture.shape[1] * scale), round(picture.shape[0] * scale))


def crop_to_widescreen(picture: Picture) -> Picture:
    """The largest 16:9 part from the middle."""
    height, width = picture.shape[:2]
    wide, high = min(width, height * 16 // 9), min(height, width * 9 // 16)
    x, y = (width - wide) // 2, (height - high) // 2
    return picture[y : y + high, x : x + wide]


def resize(picture: Picture, width: int = WIDE, height: int = HIGH) -> Picture:
    """Shrunk without aliasing, or enlarged smoothly."""
    interpolation = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=interpolation), np.uint8)


def crop(picture: Picture, keep: float, x: float, y: float) -> Picture:
    """A part `keep` times as wide and high, at a place from (0, 0) to (1, 1)."""
    height, width = picture.shape[:2]
    wide, high = int(width * keep), int(height * keep)
    left, top = int(x * (width - wide)), int(y * (height - high))
    return picture[top : top + high, left : left + wide]


def draw(seed: int, width: int = WIDE, height: int = HIGH) -> Picture:
    """Draw an abstract picture: clouds of colour, forms large and small with a grain of their own, strokes, rows."""
    random = np.random.default_rng(seed)
    canvas: NDArray[np.float32] = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 9):
        grid = random.standard_normal((2**octave * height // width + 2, 2**octave, 3)).astype(np.float32)
        canvas += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * (34 * 0.68**octave * 2)
    canvas += random.uniform(70, 180, 3).astype(np.float32)
    grain = random.standard_normal((height, width, 1)).astype(np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 1.1)[:, :, None], np.float32)
    for _ in range(int(random.integers(60, 180))):
        _draw_form(canvas, grain, random)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _draw_form(canvas: NDArray[np.float32], grain: NDArray[np.float32], random: np.random.Generator) -> None:
    """One more form on the canvas, lit from one side."""
    height, width = canvas.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    centre = random.uniform((0, 0), (width, height))
    size = float(np.exp(random.uniform(2.5, 5.6)))
    match int(random.integers(4)):
        case 0:
            axes = (int(size), int(size * random.uniform(0.3, 1)))
            cv2.ellipse(mask, centre.astype(int).tolist(), axes, random.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        case 1:
            corners = centre + random.normal(0, size, (int(random.integers(3, 8)), 2))
            cv2.fillPoly(mask, [corners.astype(np.int32)], 255, cv2.LINE_AA)
        case 2:
            path = centre + np.cumsum(random.normal(0, size / 3, (int(random.integers(4, 20)), 2)), axis=0)
            cv2.polylines(mask, [path.astype(np.int32)], False, 255, int(random.integers(2, 16)), cv2.LINE_AA)
        case _:
            for spot in centre + random.normal(0, size, (int(random.integers(5, 40)), 2)):
                cv2.circle(mask, spot.astype(int).tolist(), int(random.integers(2, 2 + int(size / 5))), 255, -1)
    x, y, wide, high = cv2.boundingRect(mask)
    part = np.s_[y : y + high, x : x + wide]
    share = mask[part].astype(np.float32)[:, :, None] / 255 * random.uniform(0.5, 1)
    light = np.linspace(-25, 25, wide, dtype=np.float32)[None, :, None] * random.uniform(-1, 1)
    colour = random.uniform(0, 255, 3).astype(np.float32) + light + grain[part] * random.uniform(0, 90)
    canvas[part] = canvas[part] * (1 - share) + colour * share


def list_footage(where: Sequence[str]) -> list[Path]:
    """All moving pictures below the folders."""
    return _list_files(where, _MOVING)


def load_footage(where: Sequence[str]) -> dict[str, list[Picture]]:
    """Real moving pictures below the folders, decoded, one of each series, at most 400 frames of each."""
    found: dict[str, list[Picture]] = {}
    for path in _list_files(where, _MOVING):
        series = re.split(r"[_\d]", path.stem)[0]
        if series in found:
            continue
        frames = list(_decode_frames(path, _MAX_FRAMES))
        if len(frames) >= _FEWEST_FRAMES:
            found[series] = frames
    return found


def _decode_frames(path: Path, most: int) -> Iterator[Picture]:
    try:
        with av.open(str(path)) as container:
            for number, frame in enumerate(container.decode(video=0)):
                if number == most:
                    return
                yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except av.error.FFmpegError:
        return


def save(path: Path, picture: Picture) -> Path:
    """Save as JPEG or PNG, as the suffix says."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90] if path.suffix == ".jpg" else []
    cv2.imwrite(str(path), picture, quality)
    return path


class Writer:
    """Writes a movie without any metadata but its start timecode. Use as a context manager."""

    def __init__(
        self, path: Path, codec: str = "libx264", size: tuple[int, int] = (WIDE, HIGH), **options: str
    ) -> None:
        self._container = av.open(str(path), "w")
        stream = self._container.add_stream(codec, rate=RATE)
        assert isinstance(stream, VideoStream)
        self._stream = stream
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
        defaults = {"preset": "superfast", "crf": "23"} if codec == "libx264" else {}
        self._stream.options = {**defaults, **options}
        self._stream.codec_context.thread_count = 1
        self._stream.metadata["timecode"] = "01:00:00:00"
        self.frames = 0

    def write(self, picture: Picture) -> None:
        """Append a frame."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        self._container.mux(self._stream.encode(frame))
        self.frames += 1

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.mux(self._stream.encode())
        self._container.close()
