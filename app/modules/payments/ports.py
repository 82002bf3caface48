"""What the use cases of payments need."""

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
    """Payments, one an order, each changed only by who has its latest version."""

    def get(self, id: UUID) -> Payment:
        """Raises NotFound(no_such_payment)."""

    def lock(self, id: UUID) -> Payment:
        """Get it, and keep every other transaction from holding it until this one ends."""

    def of_order(self, order_id: UUID) -> Payment | None: ...

    def of_intent(self, intent_id: str) -> Payment | None: ...

    def begun_since(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Payment]:
        """The next so many by id, of those opened since then that Stripe was asked for."""

    def count_since(self, since: datetime) -> int:
        """How many `begun_since` goes through."""

    def save(self, payment: Payment) -> Payment:
        """Insert or update; returns it as saved. Raises Stale."""


class Refunds(Protocol):
    """Refunds of payments, each changed only by who has its latest version."""

    def get(self, id: UUID) -> Refund:
        """Raises NotFound(no_such_refund)."""

    def of(self, payment_id: UUID) -> Sequence[Refund]: ...

    def committed(self, payment_id: UUID) -> int:
        """What refunds that Stripe has not answered yet will take."""

    def save(self, refund: Refund) -> Refund:
        """Insert or update; returns it as saved. Raises Stale."""


class Webhooks(Protocol):
    """What Stripe has told us, stored before anything is done about it."""

    def store(self, event_id: str, type: str, verdict: str, body: bytes | None) -> bool:
        """False where it was told before."""

    def prune(self, before: datetime) -> int:
        """Forget what was told before then; returns how many."""


class UnitOfWork(Protocol):
    """One transaction of payments."""

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
        """Have a call to Stripe made once this has committed."""

    def has_job(self, payment: Payment) -> bool:
        """Whether a call about it, or about a refund of it, is to be made, and neither late nor failing."""

    def publish(self, *events: Event) -> None: ...

    def republish(self, *events: Event) -> None:
        """Publish what was said before: it is not counted as having happened once more."""

    def last_audit(self) -> datetime | None:
        """When payments were last held against Stripe."""

    def save_audit(self, compared: int, discrepancies: Sequence[str]) -> None:
        """What came of it this time: for the metric, the alert, and who asks later."""


class Unclear(Unavailable):
    """Stripe answered with an error of its own: it may have done what was asked, and the key of the call keeps the
    error for a day (https://docs.stripe.com/api/idempotent_requests). Look before it is asked with another key."""


class Gateway(Protocol):
    """Stripe. Every call may raise Unavailable; a refused one answers with the intent as it then is."""

    def take(self, step: Step, payment: Payment) -> Intent:
        """Make the call; the same step of the same payment twice has one effect.

        Raises Unclear, Invalid(amount_not_payable) for an amount that Stripe never takes.
        """

    def look(self, payment: Payment) -> Intent:
        """The intent as it is now, with all that went back of it. Raises NotFound(no_such_intent)."""

    def find(self, payment: Payment) -> Intent | None:
        """The intent that names its order, where we have no id of one."""

    def confirm(self, payment: Payment, payment_method: str, attempt: UUID) -> Intent:
        """Pay with this method; the same attempt twice has one effect.

        Raises Invalid(unknown_payment_method), Conflict(payment_in_progress), NotFound(no_such_intent).
        """

    def refund(self, payment: Payment, refund: Refund) -> Outcome:
        """Give money back; the same attempt of the same refund twice has one effect. Raises Unclear."""


@dataclass(frozen=True, kw_only=True)
class WebhookEvent:
    """An event that Stripe has signed, and the object it is about.

    `intent` is that, where it can be read as one; `money` what an intent is over, where that can be read.
    """

    id: str
    type: str
    about: Mapping[str, Any]
    intent: Intent | None
    money: Money | None
    body: bytes


class Signature(Protocol):
    """Tells Stripe's word from anybody else's."""

    def open(self, body: bytes, header: str) -> WebhookEvent:
        """The event in a signed body. Raises Invalid(bad_signature, bad_webhook)."""
