"""Apply an event once: its effect and its row in the inbox commit in one transaction.

An event whose key has parked events is not applied, but parked behind them.
"""

from app.bus import inbox, parking
from app.bus.event import Message, Unreadable
from app.bus.subscription import Connected, Subscriptions
from app.kernel.crash import crash_point


class Effects:
    """Applies the events that one module consumes."""

    def __init__(self, consumer: str, subscriptions: Subscriptions) -> None:
        self._consumer = consumer
        self._by_type = {event.event_type(): each for event, each in subscriptions.items()}
        self._names = frozenset(event.event_name for event in subscriptions)

    def concern(self, type: str) -> bool:
        """Whether this module consumes events of this type, or of another version of it, or the type has no version.

        A version that this release cannot read is of concern, so that the event is parked and not skipped.
        """
        name, _, version = type.rpartition(".v")
        return type in self._by_type or name in self._names or not version.isdigit()

    def once(self, uow: Connected, message: Message, again: bool = False) -> str:
        """Apply the event within this transaction. Returns `handled`, `seen` (handled before), or `queued` (parked).

        Raises Unreadable; the transaction must then be rolled back, as the event counts as handled in it.
        `again`: apply it even if it was handled before, unless an operator discarded it.
        """
        if again and parking.was_discarded(uow.connection, self._consumer, message):
            return "seen"  # an operator decided that it has no effect
        if again:
            inbox.forget(uow.connection, self._consumer, parking.identity(message))
        if self._passes(message.type):
            return "handled" if self.apply(uow, message) else "seen"
        if parking.first_in_turn(uow.connection, self._consumer, message):
            self._run(uow, message)
            return "handled"
        if parking.is_parked(uow.connection, self._consumer, message):
            if inbox.known(uow.connection, self._consumer, [parking.identity(message)]):
                return "seen"
            parking.park(uow.connection, self._consumer, message, "waits behind an earlier event of its key")
            return "queued"
        return "handled" if self.apply(uow, message) else "seen"

    def apply(self, uow: Connected, message: Message) -> bool:
        """Apply the event and write its inbox row, even if events of its key are parked.

        Returns False if it was handled before. Raises Unreadable, as `once` does.
        """
        if not inbox.first_time(uow.connection, self._consumer, message.id):
            return False
        self._run(uow, message)
        return True

    def _run(self, uow: Connected, message: Message) -> None:
        subscription = self._by_type.get(message.type)
        if subscription is None:
            raise Unreadable(f"{message.type!r} is a version that this release cannot read")
        subscription.handler(uow, message.event())
        crash_point("after_effect")

    def _passes(self, type: str) -> bool:
        """Whether events of this type may overtake parked ones of their key: a projection compares versions."""
        return type in self._by_type and self._by_type[type].is_projection
