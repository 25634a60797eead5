"""Interrupts that are held back come at the end of the outermost block, and otherwise at once."""

from __future__ import annotations

import threading

import pytest

from provenance.interrupts import HoldInterrupts, interrupt


def test_an_interrupt_comes_at_once_or_at_the_end_of_the_block() -> None:
    with pytest.raises(KeyboardInterrupt, match="now"):
        interrupt(KeyboardInterrupt("now"))
    done = []
    with pytest.raises(KeyboardInterrupt, match="later"):  # noqa: PT012 - the order is what is tested
        with HoldInterrupts():
            with HoldInterrupts():
                interrupt(KeyboardInterrupt("later"))
                done.append("inner")
            done.append("outer")
        done.append("never")
    assert done == ["inner", "outer"]
    with HoldInterrupts():
        done.append("held once")
    assert done[-1] == "held once"


def test_another_thread_neither_holds_an_interrupt_back_nor_takes_one() -> None:
    entered, left = threading.Event(), threading.Event()

    def hold() -> None:
        with HoldInterrupts():
            entered.set()
            left.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(10)
    with pytest.raises(KeyboardInterrupt, match="at once"):
        interrupt(KeyboardInterrupt("at once"))
    left.set()
    thread.join()
