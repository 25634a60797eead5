"""What a worker may do to us, by the name of the file. Imported by worker processes."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from provenance.intake.jobs import FileRead, Job, Outcome, ReadFile, Thumbnails
from provenance.intake.worker import make_room
from provenance.limits import DEFAULT
from provenance.model.asset import Asset, FileState, Reading
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_ALWAYS: dict[str, Callable[[], object]] = {
    "hang": lambda: time.sleep(600),
    "slow": lambda: time.sleep(2),
    "poison": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "crash": lambda: ctypes.string_at(0),
    "exit": lambda: os._exit(3),
    "eat": lambda: bytearray(1 << 40),
}


def die_at_once(*_: object) -> None:
    """What a worker does first where none can live."""
    os._exit(7)


def work(job: Job) -> Outcome:
    name = os.fsdecode(os.path.basename(job.path))
    with open(job.path, "ab") as diary:
        diary.write(b"tried\n")
    for kind, misbehave in _ALWAYS.items():
        if name.startswith(kind):
            misbehave()
    is_first = Path(os.fsdecode(job.path)).read_text().count("tried") == 1
    if name.startswith("once") and is_first:
        os._exit(1)
    elif name.startswith("orphan") and is_first:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    elif name.startswith("picture") and isinstance(job, ReadFile) and job.thumbnails is not Thumbnails.NONE:
        os._exit(4)
    elif name.startswith("shout"):
        os.write(1, b"\x1b]0;shouted\x07")
        os.write(2, b"\x1b]0;shouted\x07")
    elif name.startswith("limit"):
        make_room(job, DEFAULT)
        return Trouble("", "worker", Cause.OVERSIZED, str(resource.getrlimit(resource.RLIMIT_AS)[0]))
    elif name.startswith("loaded"):
        started_by = Path(f"/proc/{os.getppid()}/cmdline").read_text().replace("\0", " ")
        return Trouble(
            "", "worker", Cause.UNSUPPORTED, f"{sorted({'av', 'c2pa', 'cv2'} & set(sys.modules))} {started_by}"
        )
    elif name.startswith("raise"):
        raise RuntimeError("a bug")
    return FileRead(Reading(Asset("sha256:" + "0" * 64, "0" * 32, 0, "text/plain")), FileState(0, 0, 0, 0))
