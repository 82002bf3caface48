"""The difference between our clock and that of a server: tokens allow 60 seconds, Stripe's webhooks 300."""

from collections.abc import Callable
from datetime import datetime

from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong

WARN_ABOVE, WRONG_ABOVE = 1.0, 30.0  # seconds
ADVICE = "keep both machines on time, with chrony or systemd-timesyncd"


def compared(server: str, ask: Callable[[], datetime], granularity: float = 0.0) -> CheckResult:
    """Ask a server for its time, and compare it with ours before the request and after the response.

    `granularity`: the seconds to which the server rounds its time down.
    """
    asked_at = clock.now()
    theirs = ask()
    return difference(server, theirs, asked_at, clock.now(), granularity)


def difference(
    server: str, theirs: datetime, asked_at: datetime, answered_at: datetime, granularity: float
) -> CheckResult:
    """The difference that is certain: the server read its time between `asked_at` and `answered_at`."""
    ahead = (asked_at - theirs).total_seconds() - granularity
    behind = (theirs - answered_at).total_seconds()
    seconds = max(ahead, behind)
    if seconds <= WARN_ABOVE:
        return ok("clock", server, "agrees with ours to the second")
    direction = "ahead of" if ahead > behind else "behind"
    sentence = f"our clock is {seconds:.0f} s {direction} its own: tokens allow 60 s, Stripe's webhooks 300"
    return (wrong if seconds > WRONG_ABOVE else warn)("clock", server, sentence, ADVICE)
