"""The clock of the sandbox, which tests can move forward. A restart, or DELETE /sandbox/state, sets it right again."""

import time

_ahead = 0.0


def now() -> int:
    """Return the Unix time in seconds, as in every `created`."""
    return int(time.time() + _ahead)


def move_clock(seconds: float) -> None:
    """Move the clock forward."""
    global _ahead
    _ahead += seconds


def set_clock_right() -> None:
    """Set the clock to the time of this machine."""
    global _ahead
    _ahead = 0.0
