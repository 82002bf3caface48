"""Child processes: the kernel kills each when its parent ends, from the time of its start on."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)
ENDING = (signal.SIGTERM, signal.SIGINT)


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent, or the parent's thread that started it, ends.

    The signal is SIGKILL: any other one needs the interpreter, whose lock may be held for ever. Requests in flight are
    repeated with their idempotency key, as after any kill.
    """
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the call
        os._exit(1)


def end_children_with_us() -> None:
    """Make processes forked from this one die with it, and end on SIGTERM and Ctrl-C until they set their own handlers.

    A fork inherits our handlers, which do not end it. Signals are blocked during the fork until these are removed.
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
        signal.set_wakeup_fd(-1)  # it writes into our pipe
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        unblock_signals()

    os.register_at_fork(before=block_signals, after_in_parent=unblock_signals, after_in_child=begin)
