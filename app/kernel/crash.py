"""Crash points: named lines at which a test may kill this process, as a power failure would."""

import os
import signal

_armed: dict[str, str] = {}


def arm(crash_at: str) -> None:
    """Arm crash points, separated by commas: `point`, or `point@marker`.

    With a marker file the process dies only once: it creates the file, and does not die while it exists.
    """
    _armed.clear()
    for each in filter(None, crash_at.split(",")):
        point, _, marker = each.partition("@")
        _armed[point] = marker


def crash_point(name: str) -> None:
    """Kill this process by SIGKILL if a test armed this point. Otherwise it costs one look-up in an empty dict."""
    if name not in _armed:
        return
    if marker := _armed[name]:
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
