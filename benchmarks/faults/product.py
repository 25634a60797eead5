"""The program as a user runs it, over a production that is made for it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin
from provenance_cli.main import run

PARAMETERS = "a harbour at dawn\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: x"
"""Generation parameters as they stand in a PNG."""
_MAIN = "import sys; sys.path.insert(0, {root!r}); from provenance_cli.main import main; main()"
_NOISE_SIZE = (640, 360)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Show:
    """Two storages, a config and a catalogue."""

    folder: Path
    edit: Path
    out: Path
    config: Path
    catalogue: Path


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON document that it printed."""
        report: dict[str, Any] = json.loads(self.out)
        return report


def make_show(folder: Path, files: int, *, settings: str = "", catalogue: Path | None = None) -> Show:
    """A show with so many small pictures in the edit, a few of them generated. `settings`: more lines of the config."""
    show = Show(folder, folder / "edit", folder / "out", folder / "config.toml", catalogue or folder / "catalogue.db")
    show.edit.mkdir()
    show.out.mkdir()
    for number in range(files):
        # Letters, so that they are no frame sequence.
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        write_still(show.edit / f"{name}.png", PARAMETERS if number % 10 == 1 else f"words {number}", number)
    show.config.write_text(
        f'catalogue = "{show.catalogue}"\n{settings}\n'
        f'[[storage]]\nname = "edit"\npath = "{show.edit}"\nzone = "editorial"\n'
        f'[[storage]]\nname = "out"\npath = "{show.out}"\nzone = "deliverable"\n'
    )
    return show


def write_still(path: Path, words: str, shade: int = 0) -> None:
    """A small PNG that says something, other bytes for other words."""
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", words)
    Image.new("RGB", (8, 8), (shade % 251, 90, 40)).save(path, pnginfo=info)


def write_noise(path: Path, seed: int) -> None:
    """A picture full of detail, whose fingerprint takes a worker about a tenth of a second."""
    noise = random.Random(seed).randbytes(_NOISE_SIZE[0] * _NOISE_SIZE[1])
    Image.frombytes("L", _NOISE_SIZE, noise).save(path, compress_level=0)


def command(*arguments: object) -> list[str]:
    """A command line of the program in a process of its own."""
    main = _MAIN.format(root=os.fspath(ROOT))
    return [sys.executable, "-c", main, *map(_to_text, arguments)]


def _to_text(argument: object) -> str:
    return os.fspath(argument) if isinstance(argument, Path) else str(argument)


def run_apart(
    *arguments: object, before: Sequence[str] = (), more: Mapping[str, str] | None = None, seconds: float = 300
) -> Ended:
    """Run the program in a process of its own. `before`: a command that starts it; `more`: environment."""
    done = subprocess.run(
        [*before, *command(*arguments)],
        capture_output=True,
        text=True,
        errors="backslashreplace",
        env={**os.environ, **(more or {})},
        timeout=seconds,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def start_apart(*arguments: object) -> subprocess.Popen[bytes]:
    """Start the program in a process of its own, silent, with signals as a shell in front sets them."""
    return subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run_here(*arguments: object) -> Ended:
    """Run the program in this process."""
    with _capture() as (out, err):
        code = run(list(map(_to_text, arguments)))
    return Ended(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _capture() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err


def list_workers(process: int) -> list[int]:
    """The workers of a run: what its fork server has forked. Those that have ended and are not yet reaped are none."""
    workers = []
    for child in list_children(process):
        facts = read_process(child)
        if facts and facts[0] != b"Z" and int(facts[1]) != process:
            workers.append(child)
    return workers


def list_children(process: int) -> list[int]:
    """All descendants of a process."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (facts := read_process(int(name))):
            parents[int(name)] = int(facts[1])
    found = [process]
    for parent in found:
        found.extend(child for child, above in parents.items() if above == parent)
    return found[1:]


def read_process(process: int) -> list[bytes]:
    """What the kernel says of a process, from its state and its parent on (proc(5)); nothing of one that is gone."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            # Its name, in brackets, may hold any sign.
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
