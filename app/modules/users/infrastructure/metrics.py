"""The counters of users: published events and sign-in attempts. Attempts above a limit are counted with the limits."""

from collections.abc import Iterable

from prometheus_client import Counter

from app.bus.contracts.users import SessionEnded, UserRegistered
from app.bus.event import Event

REGISTERED = Counter("quartet_registrations_total", "Accounts opened")
SIGN_INS = Counter("quartet_sign_ins_total", "Sign-in attempts, by outcome", ["outcome"])
ENDED = Counter("quartet_sessions_ended_total", "Sessions that ended, by reason; reused is a stolen token", ["reason"])


def count_sign_in(outcome: str) -> None:
    """`outcome`: accepted, unknown_account, disabled or wrong_password."""
    SIGN_INS.labels(outcome).inc()


def count(events: Iterable[Event]) -> None:
    """Count published events, after their transaction has committed."""
    for event in events:
        if isinstance(event, UserRegistered):
            REGISTERED.inc()
        if isinstance(event, SessionEnded):
            ENDED.labels(event.reason).inc()
