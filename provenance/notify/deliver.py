"""Sends over several channels at once, and waits for none of them longer than for the others."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping

from provenance.errors import ProvenanceError

SECONDS = 20.0
"""Seconds that all channels together may take; each step of each has a shorter limit of its own."""


def deliver(channels: Mapping[str, Callable[[], None]], seconds: float = SECONDS) -> dict[str, str]:
    """Call every channel, and say of each what went wrong; empty text where it was delivered.

    A server that sends a byte now and then keeps a connection open for ever, and a name may take minutes to look up:
    whatever is not done in time is left behind, in a thread that ends with the program.
    """
    answers: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    for name, send in channels.items():
        threading.Thread(target=_call, args=(name, send, answers), daemon=True).start()
    results = dict.fromkeys(channels, f"no answer within {seconds:.0f} seconds")
    deadline = time.monotonic() + seconds
    for _ in channels:
        try:
            name, problem = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        results[name] = problem
    return results


def _call(name: str, send: Callable[[], None], answers: queue.SimpleQueue[tuple[str, str]]) -> None:
    try:
        send()
    except ProvenanceError as error:
        answers.put((name, f"{error.message}; {error.hint}" if error.hint else error.message))
    except (OSError, ValueError, LookupError, TypeError, MemoryError) as fault:
        # Nothing that goes wrong while telling of a night may end it; the text of a fault may quote a secret.
        answers.put((name, f"internal error: {type(fault).__name__}"))
    else:
        answers.put((name, ""))
