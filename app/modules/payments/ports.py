"""The ports of payments: what its use cases need from the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.kernel.trail import Trail
from app.modules.payments.domain.payment import Intent, Payment, Step
from app.modules.payments.domain.refund import Outcome, Refund


class Payments(Protocol):
    """The payments table: one payment per order. A payment is written only over the version that was read."""

    def get(self, id: UUID) -> Payment:
        """Raises NotFound(no_such_payment)."""

    def lock(self, id: UUID) -> Payment:
        """Read the payment and lock its row until the transaction ends. Raises NotFound(no_such_payment)."""

    def of_order(self, order_id: UUID) -> Payment | None: ...

    def of_intent(self, intent_id: str) -> Payment | None: ...

    def begun_since(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Payment]:
        """Return the next `limit` payments after the id `after`, by id, of those opened since `since` whose creation at
        Stripe was begun.
        """

    def count_since(self, since: datetime) -> int:
        """Count the payments that `begun_since` returns in all."""

    def save(self, payment: Payment) -> Payment:
        """Insert or update; returns the payment with its new version. Raises Stale if it was changed meanwhile."""


class Refunds(Protocol):
    """The refunds table. A refund is written only over the version that was read."""

    def get(self, id: UUID) -> Refund:
        """Raises NotFound(no_such_refund)."""

    def find(self, id: UUID) -> Refund | None: ...

    def of(self, payment_id: UUID) -> Sequence[Refund]:
        """Return the refunds of a payment by id, which is the order of the requests."""

    def committed(self, payment_id: UUID) -> int:
        """Sum up the refunds of a payment that Stripe has not answered yet."""

    def save(self, refund: Refund) -> Refund:
        """Insert or update; returns the refund with its new version. Raises Stale if it was changed meanwhile."""


class Webhooks(Protocol):
    """The events received from Stripe. Each is stored before it is processed."""

    def store(self, event_id: str, type: str, verdict: str, body: bytes | None) -> bool:
        """Store an event. Returns False if it was received before."""

    def prune(self, before: datetime) -> int:
        """Delete a slice of the events received before this time; returns how many."""


class UnitOfWork(Protocol):
    """What one transaction of payments can reach."""

    @property
    def trail(self) -> Trail: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def payments(self) -> Payments: ...

    @property
    def refunds(self) -> Refunds: ...

    @property
    def webhooks(self) -> Webhooks: ...

    def enqueue(self, kind: str, subject: UUID) -> None:
        """Add a job of this kind that calls Stripe after this transaction commits."""

    def has_job(self, payment: Payment) -> bool:
        """Whether a job for the payment or for one of its refunds is queued, and is neither late nor failing."""

    def publish(self, *events: Event) -> None: ...

    def republish(self, *events: Event) -> None:
        """Publish events that were published before; the metrics do not count them again."""

    def last_audit(self) -> datetime | None:
        """When payments were last compared with Stripe."""

    def save_audit(self, compared: int, discrepancies: Sequence[str]) -> None:
        """Store the result of a comparison with Stripe, for the metric, the alert and later queries."""


class Unclear(Unavailable):
    """Stripe answered with a server error. The call may have had its effect, and its idempotency key returns the error
    for a day (https://docs.stripe.com/api/idempotent_requests), so read the state at Stripe before repeating the call
    with another key.
    """


class Gateway(Protocol):
    """Stripe. Every call may raise Unavailable. A refused call returns the intent in its current state."""

    def take(self, step: Step, payment: Payment) -> Intent:
        """Make the call of this step; repeating the same step of the same payment has one effect.

        Raises Unclear, or Invalid(amount_not_payable) for an amount that Stripe never accepts.
        """

    def look(self, payment: Payment) -> Intent:
        """Read the current intent with all its refunds and disputes. Raises NotFound(no_such_intent)."""

    def find(self, payment: Payment) -> Intent | None:
        """Find the intent whose metadata name the order, for a payment whose intent id is unknown."""

    def reversed_since(self, since: datetime) -> set[str]:
        """Return the ids of the intents that have a refund or a dispute of since then."""

    def confirm(self, payment: Payment, payment_method: str, attempt: UUID) -> Intent:
        """Pay with this payment method; repeating the same attempt has one effect.

        Raises Unclear, Invalid(unknown_payment_method), Conflict(payment_in_progress), NotFound(no_such_intent).
        """

    def refund(self, payment: Payment, refund: Refund) -> Outcome:
        """Refund money; repeating the same attempt of the same refund has one effect. Raises Unclear."""


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """An event whose signature is valid, and the object that it is about.

    `intent` is that object if it can be read as a payment intent; `money` is its amount and currency if they can be
    read.
    """

    id: str
    type: str
    about: Mapping[str, Any]
    intent: Intent | None
    money: Money | None
    body: bytes


class Signature(Protocol):
    """Checks that a webhook was sent by Stripe."""

    def open(self, body: bytes, header: str) -> WebhookEvent:
        """Check the signature of a body and return its event. Raises Invalid(bad_signature, bad_webhook)."""
