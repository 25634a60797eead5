"""Signals that end a run, held back where an exception would leave a lock behind that somebody else waits for.

Python raises the exception of a signal between any two instructions of the main thread, also just after a lock of the
standard library was taken and before anybody will release it.
"""

from __future__ import annotations

import threading
from types import TracebackType

_holders = 0
_waiting: KeyboardInterrupt | None = None


def interrupt(error: KeyboardInterrupt) -> None:
    """Raise it, or keep it until nobody holds interrupts back any more. Called by signal handlers alone."""
    global _waiting
    if not _holders:
        raise error
    _waiting = error


class HoldInterrupts:
    """Within the block no signal raises anything; one that came is raised at its end.

    In any thread but the main one it does nothing: signals are raised there alone.
    """

    def __enter__(self) -> None:
        global _holders
        if _is_main_thread():
            _holders += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _holders, _waiting
        if not _is_main_thread():
            return
        _holders -= 1
        if _waiting is not None and not _holders:
            waiting, _waiting = _waiting, None
            raise waiting


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
