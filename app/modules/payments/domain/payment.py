"""A payment: what is wanted of it, what Stripe says of it, and the next step between the two."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import Money


class Wanted(StrEnum):
    """What orders wants of a payment. Cancelled is final."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELLED = "cancelled"


class Status(StrEnum):
    """Where a payment stands."""

    NEW = "new"  # Stripe has not answered yet
    OPEN = "open"  # the customer can pay
    ACTION = "requires_action"  # the customer must do something more, such as 3-D Secure
    PROCESSING = "processing"  # the bank takes its time; it cannot be called off meanwhile
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    FAILED = "failed"  # authorised, and then not to be had


class Step(StrEnum):
    """One call to Stripe."""

    CREATE = "create"
    CAPTURE = "capture"
    CANCEL = "cancel"


FINAL = frozenset({Status.CAPTURED, Status.CANCELLED, Status.FAILED})
PAYABLE = frozenset({Status.OPEN, Status.ACTION, Status.PROCESSING})
KEY_KEPT = timedelta(hours=23)  # Stripe remembers an idempotency key for at least a day


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A PaymentIntent as Stripe shows it, in our words."""

    id: str
    status: Status
    amount: Money
    client_secret: str
    captured: int = 0
    refunded: int = 0
    failure: str | None = None  # the code of the last declined attempt
    failed_attempt: str | None = None  # what tells one declined attempt from another
    capture_failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The money of one order. `version` 0 is not saved yet."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    amount: Money
    created_at: datetime
    wanted: Wanted = Wanted.AUTHORIZED
    status: Status = Status.NEW
    asked_at: datetime | None = None  # creating it was begun: Stripe may know of it, whatever we know
    intent_id: str | None = None
    client_secret: str | None = None
    captured: int = 0
    refunded: int = 0
    failure: str | None = None
    failed_attempt: str | None = None
    traceparent: str | None = None  # the trace of the purchase that it is for
    version: int = 0

    @property
    def is_awaited(self) -> bool:
        """Stripe has not answered yet, and will: until then there is nothing to pay."""
        return self.status is Status.NEW and next_step(self) is not None

    @property
    def is_settled(self) -> bool:
        """Nothing more will happen by itself."""
        return next_step(self) is None and self.status in FINAL


def next_step(payment: Payment) -> Step | None:
    """The call that brings it nearer to what is wanted; None: it is there, or waits for the customer or a refund."""
    if payment.status is Status.NEW:
        return Step.CREATE if payment.wanted is not Wanted.CANCELLED or payment.asked_at else None
    if payment.wanted is Wanted.CAPTURED and payment.status is Status.AUTHORIZED:
        return Step.CAPTURE
    if payment.wanted is Wanted.CANCELLED and payment.status in {Status.OPEN, Status.ACTION, Status.AUTHORIZED}:
        return Step.CANCEL
    return None


def key_is_kept(asked_at: datetime, now: datetime) -> bool:
    """Whether the same call, made again, still is the same one for Stripe."""
    return now - asked_at < KEY_KEPT


def refundable(payment: Payment, claimed: int) -> int:
    """How much can still be given back, in the smallest unit; `claimed` is what refunds under way will take of it."""
    return payment.captured - payment.refunded - claimed


def want(payment: Payment, wanted: Wanted) -> Payment:
    """Change what is wanted. Once cancelled, it stays so."""
    return payment if payment.wanted is Wanted.CANCELLED else replace(payment, wanted=wanted)


def given_up(payment: Payment, code: str) -> Payment:
    """Stripe will never take it: nothing can be paid."""
    return replace(payment, status=Status.CANCELLED, failure=code)


def seen(payment: Payment, intent: Intent) -> Payment:
    """The payment as this look at Stripe leaves it. Raises Conflict(not_our_payment) for another amount."""
    if intent.amount != payment.amount:
        raise Conflict("not_our_payment", f"intent {intent.id} is over {intent.amount}, not {payment.amount}")
    lost = payment.status is Status.AUTHORIZED and payment.wanted is not Wanted.CANCELLED
    status = Status.FAILED if intent.capture_failed or (lost and intent.status is Status.CANCELLED) else intent.status
    if payment.status in FINAL and intent.captured <= payment.captured:
        status = payment.status  # left only for money that came after all; anything else is an older look, come late
    if payment.status is Status.AUTHORIZED and status in PAYABLE:
        status = payment.status  # an older look too: what is authorised never becomes payable again
    return replace(
        payment,
        status=status,
        intent_id=intent.id,
        client_secret=intent.client_secret,
        captured=max(payment.captured, intent.captured),
        refunded=max(payment.refunded, intent.refunded),
        failure=intent.failure or payment.failure,
        failed_attempt=intent.failed_attempt or payment.failed_attempt,
    )
