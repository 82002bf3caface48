"""An event's effect, once: in one transaction with its row in the inbox, or behind what is parked under its key."""

from app.bus import inbox, parking
from app.bus.event import Message, Unreadable
from app.bus.subscription import Connected, Subscriptions
from app.kernel.crash import crash_point


class Effects:
    """Those that the events a module consumes have on it."""

    def __init__(self, consumer: str, subscriptions: Subscriptions) -> None:
        self._consumer = consumer
        self._by_type = {event.event_type(): each for event, each in subscriptions.items()}
        self._names = frozenset(event.event_name for event in subscriptions)

    def concern(self, type: str) -> bool:
        """Whether this module consumes it, or should, as it is newer than what it reads."""
        name, _, version = type.rpartition(".v")
        return type in self._by_type or name in self._names or not version.isdigit()

    def once(self, work: Connected, message: Message, again: bool = False) -> str:
        """Within this transaction; returns handled, seen or queued. `again`: even if it was handled before."""
        if again and parking.was_discarded(work.connection, self._consumer, message):
            return "seen"  # somebody decided that it shall have no effect
        if again:
            inbox.forget(work.connection, self._consumer, parking.identity(message))
        if not self._passes(message.type) and parking.is_parked(work.connection, self._consumer, message):
            if inbox.known(work.connection, self._consumer, [parking.identity(message)]):
                return "seen"
            parking.park(work.connection, self._consumer, message, "waits behind an earlier one")
            return "queued"
        return "handled" if self.apply(work, message) else "seen"

    def apply(self, work: Connected, message: Message) -> bool:
        """The effect and its inbox row, whatever is parked; False if it was handled before."""
        subscription = self._by_type.get(message.type)
        if subscription is None:
            raise Unreadable(f"{message.type!r} is newer than what we read")
        event = message.event()
        if not inbox.first_time(work.connection, self._consumer, message.id):
            return False
        subscription.handler(work, event)
        crash_point("after_effect")
        return True

    def _passes(self, type: str) -> bool:
        """A projection goes by versions: it waits behind nothing."""
        return type in self._by_type and self._by_type[type].is_projection
