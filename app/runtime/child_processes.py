"""Processes that others of ours make: the kernel kills each when its parent ends, from its first moment on."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)
ENDING = (signal.SIGTERM, signal.SIGINT)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, or the parent's thread that made it, is gone.

    By SIGKILL: anything gentler needs the interpreter, whose lock may be held for ever. What was in flight is repeated
    with its key, as after any kill.
    """
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked
        os._exit(1)


def end_children_with_us() -> None:
    """Have whatever is forked from here die with us, and end at SIGTERM and Ctrl-C until it sets handlers of its own.

    It would begin with our handlers, which end nothing in it. What comes during the fork waits until they are gone.
    """
    parent = os.getpid()

    def block_signals() -> None:
        nonlocal parent
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    def unblock_signals() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def begin() -> None:
        die_with(parent)
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        unblock_signals()

    os.register_at_fork(before=block_signals, after_in_parent=unblock_signals, after_in_child=begin)
