"""The priority of this process, and of every worker that it starts from then on."""

from __future__ import annotations

import logging
import os
import sys

_log = logging.getLogger(__name__)

_LOWEST = 19
_BELOW_NORMAL = 0x00004000
"""Priority class of Windows."""


def lower_priority() -> None:
    """Let everybody else's work go first. Where the system refuses, the run goes on as it is."""
    try:
        if sys.platform == "win32":
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
        else:
            os.setpriority(os.PRIO_PROCESS, 0, _LOWEST)
    except OSError as fault:
        _log.warning("the priority stays as it is: %s", fault)
