"""What a worker may do to us, by the name of the file. Imported by worker processes."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from pathlib import Path

from provenance.intake.jobs import FileRead, Job, Outcome, ReadFile, Thumbnails
from provenance.intake.worker import make_room
from provenance.limits import DEFAULT
from provenance.model.asset import Asset, FileState, Reading
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause


def work(job: Job) -> Outcome:
    name = os.fsdecode(os.path.basename(job.path))
    with open(job.path, "ab") as diary:
        diary.write(b"tried\n")
    if name.startswith("hang"):
        time.sleep(600)
    elif name.startswith("crash"):
        ctypes.string_at(0)
    elif name.startswith("exit"):
        os._exit(3)
    elif name.startswith("eat"):
        bytearray(1 << 40)
    elif name.startswith("once") and Path(os.fsdecode(job.path)).read_text().count("tried") == 1:
        os._exit(1)
    elif name.startswith("picture") and isinstance(job, ReadFile) and job.thumbnails is not Thumbnails.NONE:
        os._exit(4)
    elif name.startswith("shout"):
        os.write(1, b"\x1b]0;shouted\x07")
        os.write(2, b"\x1b]0;shouted\x07")
    elif name.startswith("limit"):
        make_room(job, DEFAULT)
        return Trouble("", "worker", Cause.OVERSIZED, str(resource.getrlimit(resource.RLIMIT_AS)[0]))
    elif name.startswith("raise"):
        raise RuntimeError("a bug")
    return FileRead(Reading(Asset("sha256:" + "0" * 64, "0" * 32, 0, "text/plain")), FileState(0, 0, 0, 0))
