"""Rows 10 and 11: files change, vanish and turn into links between the listing, the opening and the end of a read."""

from __future__ import annotations

import hashlib
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator

from benchmarks.faults.interface import Result, Setting
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT
from provenance.media.source import make_file_state

_SIZE = 3_000_000
"""Bytes of the file that is written to while it is read: some milliseconds of digesting."""


def run(setting: Setting) -> Iterator[Result]:
    yield _rewrite(setting)
    yield _swap(setting)


def _rewrite(setting: Setting) -> Result:
    """Somebody overwrites the file in place, always with the same number of bytes."""
    path = os.fsencode(setting.folder / "take.bin")
    whole = [bytes([value]) * _SIZE for value in (1, 2)]
    digests = {f"sha256:{hashlib.sha256(content).hexdigest()}" for content in whole}
    is_over, draw = threading.Event(), random.Random(setting.seed)

    def write() -> None:
        while not is_over.is_set():
            with open(path, "r+b", buffering=0) as file:
                content = draw.choice(whole)
                file.writelines(content[start : start + 300_000] for start in range(0, _SIZE, 300_000))
            is_over.wait(draw.choice((0, 0.002, 0.03)))

    with open(path, "wb") as file:
        file.write(whole[0])
    writer = threading.Thread(target=write)
    writer.start()
    outcomes: Counter[str] = Counter()
    try:
        for _ in range(setting.count(500, 10)):
            outcome = examine(ReadFile(path, _SIZE), DEFAULT)
            assert isinstance(outcome, FileRead)
            is_told = any(trouble.cause == "unstable" for trouble in outcome.reading.troubles)
            is_whole = outcome.reading.asset.digest in digests
            # A mixture is believed only when the catalogue would take it: it keeps no key of a file that changed since
            # it was read, or may have.
            is_kept = outcome.state == make_file_state(os.lstat(path))
            if is_told:
                outcomes["unstable"] += 1
            elif is_whole:
                outcomes["whole"] += 1
            else:
                outcomes["mixture taken for good" if is_kept else "mixture, read again next time"] += 1
    finally:
        is_over.set()
        writer.join()
    figure = ", ".join(f"{count} {name}" for name, count in outcomes.most_common())
    return Result(10, "a file is overwritten in place while it is read", figure, not outcomes["mixture taken for good"])


def _swap(setting: Setting) -> Result:
    """Somebody puts a link to a secret, a folder, a pipe or nothing in the place of a file, again and again."""
    inside, outside = setting.folder / "in", setting.folder / "secret"
    inside.mkdir()
    outside.write_bytes(b"a secret outside of the storage")
    secret = f"sha256:{hashlib.sha256(outside.read_bytes()).hexdigest()}"
    path = inside / "a.png"
    spares = [inside / name for name in ("plain", "link", "pipe")]
    is_over, draw = threading.Event(), random.Random(setting.seed)

    def swap() -> None:
        while not is_over.is_set():
            kind = draw.choice(spares)
            kind.unlink(missing_ok=True)
            if kind.name == "plain":
                kind.write_bytes(b"words")
            elif kind.name == "link":
                kind.symlink_to(outside)
            else:
                os.mkfifo(kind)
            os.rename(kind, path)
            if draw.random() < 0.2:
                path.unlink(missing_ok=True)

    swapper = threading.Thread(target=swap)
    swapper.start()
    outcomes: Counter[str] = Counter()
    try:
        for _ in range(setting.count(20_000, 300)):
            outcome = examine(ReadFile(os.fsencode(path), 5), DEFAULT)
            if not isinstance(outcome, FileRead):
                outcomes["told as unreadable"] += 1
            elif outcome.reading.asset.digest == secret:
                outcomes["secrets read"] += 1
            else:
                outcomes["files read"] += 1
    finally:
        is_over.set()
        swapper.join()
    figure = ", ".join(f"{count:,} {name}" for name, count in outcomes.most_common()) + ", 0 secrets read" * (
        not outcomes["secrets read"]
    )
    return Result(
        11, "links, pipes and nothing take the place of a file that was listed", figure, not outcomes["secrets read"]
    )
