"""Processes that others of ours make: each ends when it is told to, or its parent ends, from its first moment on."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h
ENDING = (signal.SIGTERM, signal.SIGINT)


def dies_with(parent: int) -> bool:
    """Have this process end when its parent, or the parent's thread that made it, does; False if it is gone already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == parent


def end_children_when_told() -> None:
    """Have whatever is forked from here end at SIGTERM and Ctrl-C, until it sets handlers of its own.

    It would begin with ours, which in it end nothing: told to end while it starts, or orphaned then, it would live on.
    What comes during the fork waits until the child is one that ends.
    """

    def hold() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def let_go() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def begin() -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        let_go()

    os.register_at_fork(before=hold, after_in_parent=let_go, after_in_child=begin)
