"""Named points at which a test may have this process killed, as a power cut would."""

import os
import signal

_armed: dict[str, str] = {}


def arm(crash_at: str) -> None:
    """Take `point` or `point@marker`: with a marker file the process dies there once, and not again while it exists."""
    _armed.clear()
    point, _, marker = crash_at.partition("@")
    if point:
        _armed[point] = marker


def crash_point(name: str) -> None:
    """Die here by SIGKILL if a test armed this point. Costs a look into an empty dict otherwise."""
    if name not in _armed:
        return
    if marker := _armed[name]:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
