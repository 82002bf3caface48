"""How far our clock is from that of a server: tokens allow 60 seconds, Stripe's webhooks 300."""

from collections.abc import Callable
from datetime import datetime

from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong

WARN_ABOVE, WRONG_ABOVE = 1.0, 30.0  # seconds
ADVICE = "keep both machines on time, with chrony or systemd-timesyncd"


def compared(server: str, ask: Callable[[], datetime], granularity: float = 0.0) -> CheckResult:
    """Ask a server for its time, which was so at some moment between our question and its answer.

    `granularity`: seconds that it rounds down to.
    """
    asked_at = clock.now()
    theirs = ask()
    return difference(server, theirs, asked_at, clock.now(), granularity)


def difference(
    server: str, theirs: datetime, asked_at: datetime, answered_at: datetime, granularity: float
) -> CheckResult:
    """What is certain of it."""
    ahead = (asked_at - theirs).total_seconds() - granularity
    behind = (theirs - answered_at).total_seconds()
    seconds = max(ahead, behind)
    if seconds <= WARN_ABOVE:
        return ok("clock", server, "agrees with ours to the second")
    way = "ahead of" if ahead > behind else "behind"
    sentence = f"our clock is {seconds:.0f} s {way} its own: tokens allow 60 s, Stripe's webhooks 300"
    return (wrong if seconds > WRONG_ABOVE else warn)("clock", server, sentence, ADVICE)
