"""Run a command, wait for everything that it has started, and say what all of it took.

Workers are children of a fork server, which nobody waits for when the program ends: `wait4` and `RUSAGE_CHILDREN` of
whoever starts the program know nothing of them. Here they are inherited when their parents end (a subreaper, see
prctl(2)), and waited for.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
"""Number of the option in linux/prctl.h."""


def main() -> None:
    """`python -m benchmarks.all_processes RESULT COMMAND …`: write exit code, processor seconds and MiB to RESULT."""
    result, *command = sys.argv[1:]
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SystemExit("this kernel does not let a process inherit others: their processor time would be missing")
    program = subprocess.Popen(command)
    code = None
    while True:
        try:
            process, status = os.wait()
        except ChildProcessError:
            break
        if process == program.pid:
            code = os.waitstatus_to_exitcode(status)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = [code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]
    Path(result).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
