"""What the use cases of payments need."""

from typing import Any, Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.modules.payments.domain.payment import Intent, Payment, Step


class Payments(Protocol):
    """Payments, one an order, each changed only by who has its latest version."""

    def get(self, id: UUID) -> Payment:
        """Raises NotFound(no_such_payment)."""

    def of_order(self, order_id: UUID) -> Payment | None: ...

    def of_intent(self, intent_id: str) -> Payment | None: ...

    def save(self, payment: Payment) -> Payment:
        """Insert or update; returns it as saved. Raises Stale."""


class Webhooks(Protocol):
    """What Stripe has told us, stored before anything is done about it."""

    def store(self, event_id: str, type: str, body: bytes) -> bool:
        """False where it was told before."""


class Work(Claims, Protocol):
    """One transaction of payments."""

    @property
    def payments(self) -> Payments: ...

    @property
    def webhooks(self) -> Webhooks: ...

    def ask(self, kind: str, subject: UUID) -> None:
        """Have a call to Stripe made once this has committed."""

    def publish(self, *events: Event) -> None: ...


class Gateway(Protocol):
    """Stripe. Every call may raise Unavailable; a refused one answers with the intent as it then is."""

    def take(self, step: Step, payment: Payment) -> Intent:
        """Make the call; the same step of the same payment twice has one effect."""

    def look(self, payment: Payment) -> Intent:
        """The intent as it is now."""

    def confirm(self, payment: Payment, payment_method: str, attempt: UUID) -> Intent:
        """Pay with this method; the same attempt twice has one effect."""


class Signature(Protocol):
    """Tells Stripe's word from anybody else's."""

    def open(self, body: bytes, header: str) -> dict[str, Any]:
        """The event in a signed body. Raises Invalid(bad_signature, bad_webhook)."""
