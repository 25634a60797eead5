"""How work grows with what it is given. Seconds say more of the machine, and of who else uses it, than of the code."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 8
"""How much larger the larger one is."""
_MOST = 32.0
"""How much longer it may take: caches double it, work that grows with the square takes 64 times."""
_TOO_QUICK = 0.05
"""Seconds of processor time below which nothing is measured."""
_TRIES = 5


def grows_in_step(smaller: Callable[[], object], larger: Callable[[], object]) -> bool:
    """Whether work on something `TIMES` larger takes about as many times as long. Each is measured at its best."""
    best, worst = _seconds(smaller), _seconds(larger)
    for _ in range(_TRIES - 1):
        if worst <= max(best * _MOST, _TOO_QUICK):
            return True
        best, worst = min(best, _seconds(smaller)), min(worst, _seconds(larger))
    return worst <= max(best * _MOST, _TOO_QUICK)


def _seconds(work: Callable[[], object]) -> float:
    """Of this process alone; time in which others had the machine, and what the collector takes, does not count."""
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()
