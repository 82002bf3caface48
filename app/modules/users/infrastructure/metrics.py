"""What users counts: of what it says, and of who tried to sign in. Those over a limit are counted there."""

from collections.abc import Iterable

from prometheus_client import Counter

from app.bus.contracts.users import SessionEnded, UserRegistered
from app.bus.event import Event

REGISTERED = Counter("quartet_registrations_total", "Accounts opened")
SIGN_INS = Counter("quartet_sign_ins_total", "Who tried to sign in, by what came of it", ["outcome"])
ENDED = Counter("quartet_sessions_ended_total", "Sign-ins that ended, by why: reused is a stolen token", ["reason"])


def count_sign_in(outcome: str) -> None:
    """One more that was accepted, or why not."""
    SIGN_INS.labels(outcome).inc()


def count(events: Iterable[Event]) -> None:
    """Once the transaction that said them has committed."""
    for event in events:
        if isinstance(event, UserRegistered):
            REGISTERED.inc()
        if isinstance(event, SessionEnded):
            ENDED.labels(event.reason).inc()
