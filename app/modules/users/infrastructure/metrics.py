"""What users counts, of what it says. Sign-ins refused are counted with all refusals, by their code."""

from collections.abc import Iterable

from prometheus_client import Counter

from app.bus.contracts.users import UserRegistered
from app.bus.event import Event

REGISTERED = Counter("quartet_registrations_total", "Accounts opened")


def count(events: Iterable[Event]) -> None:
    """Once the transaction that said them has committed."""
    for event in events:
        if isinstance(event, UserRegistered):
            REGISTERED.inc()
