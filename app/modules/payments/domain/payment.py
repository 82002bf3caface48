"""A payment: what is wanted of it, what Stripe says of it, and the next step between the two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.modules.payments.domain.dispute import Dispute
from app.modules.payments.domain.refund import Outcome, given_back


class DesiredState(StrEnum):
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
    SHORT = "captured_short"  # a person captured less than all of it in Stripe's dashboard: the order is not paid
    CANCELLED = "cancelled"
    FAILED = "failed"  # authorised, and then not captured


class Step(StrEnum):
    """One call to Stripe."""

    CREATE = "create"
    CAPTURE = "capture"
    CANCEL = "cancel"


FINAL = frozenset({Status.CAPTURED, Status.SHORT, Status.CANCELLED, Status.FAILED})
PAYABLE = frozenset({Status.OPEN, Status.ACTION, Status.PROCESSING})
UNPAID = frozenset({Status.OPEN, Status.ACTION})
VOIDABLE = frozenset({Status.OPEN, Status.ACTION, Status.AUTHORIZED})
KEY_KEPT = timedelta(hours=23)  # Stripe remembers an idempotency key for at least a day
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # for what an error of Stripe's has done
MAX_DECLINES = 10  # whoever tries more cards on one payment tries whether they are good
LOOKS_FOR_INTENT = (timedelta(seconds=2),)  # a second intent takes no money: nobody has the first one's secret


@dataclass(frozen=True, kw_only=True)
class Reversals:
    """All that went back of what was captured, as Stripe lists it."""

    refunds: tuple[Outcome, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A PaymentIntent as Stripe shows it, in our words."""

    id: str
    status: Status
    amount: Money
    client_secret: str
    captured: int = 0
    reversals: Reversals | None = None  # None: this answer does not tell
    failure: str | None = None  # the code of the last declined attempt
    failed_attempt: str | None = None  # what tells one declined attempt from another
    declines: int = 0  # at least so many attempts were declined
    capture_failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The money of one order. `version` 0 is not saved yet."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    amount: Money
    created_at: datetime
    desired: DesiredState = DesiredState.AUTHORIZED
    status: Status = Status.NEW
    asked_at: datetime | None = None  # creating it was begun: Stripe may know of it, whatever we know
    intent_id: str | None = None
    client_secret: str | None = None
    captured: int = 0
    refunded: int = 0
    disputed: int = 0  # what banks have taken back for cardholders, until they decide or for good
    dispute: str | None = None  # the status of the latest dispute, in Stripe's words
    dispute_reason: str | None = None
    respond_by: datetime | None = None  # when our reply to it must be with Stripe
    failure: str | None = None
    failed_attempt: str | None = None
    declines: int = 0  # attempts that were declined
    attempt: int = 0  # part of the key of the next step at Stripe: another one is another call
    unclear_at: datetime | None = (
        None  # Stripe answered that step with an error of its own: it may be done all the same
    )
    left_open: bool = False  # failed, and yet still to be paid at Stripe
    traceparent: str | None = None  # the trace of the purchase that it is for
    version: int = 0

    @property
    def is_awaited(self) -> bool:
        """Stripe has not answered yet, and will: until then there is nothing to pay."""
        return self.status is Status.NEW and next_step(self) is not None

    @property
    def is_exhausted(self) -> bool:
        """So many attempts were declined that no more are taken: it is called off, whatever orders wants."""
        return self.declines >= MAX_DECLINES

    @property
    def is_settled(self) -> bool:
        """Nothing more will happen by itself."""
        return next_step(self) is None and self.status in FINAL


def next_step(payment: Payment) -> Step | None:
    """The call that brings it nearer to what is wanted; None: it is there, or waits for the customer or a refund."""
    if payment.status is Status.NEW:
        return Step.CREATE if payment.desired is not DesiredState.CANCELLED or payment.asked_at else None
    if payment.desired is DesiredState.CAPTURED and payment.status is Status.AUTHORIZED:
        return Step.CAPTURE
    if (payment.desired is DesiredState.CANCELLED and payment.status in VOIDABLE) or payment.left_open:
        return Step.CANCEL
    return None


def next_look(unclear_at: datetime, now: datetime, looks: Sequence[timedelta] = LOOKS) -> timedelta | None:
    """How long until the next look for what an unclear call has done; None: the last of them is due, or over."""
    return next((unclear_at + look - now for look in looks if unclear_at + look > now), None)


def key_is_kept(asked_at: datetime, now: datetime) -> bool:
    """Whether the same call, made again, still is the same one for Stripe."""
    return now - asked_at < KEY_KEPT


def refundable(payment: Payment, committed: int) -> int:
    """How much can still be given back, in the smallest unit; `committed` is what refunds under way will take of it."""
    return payment.captured - payment.refunded - payment.disputed - committed


def owed(payment: Payment) -> int:
    """How much has still to go back, as its order is off."""
    kept = payment.captured - payment.refunded - payment.disputed
    return kept if payment.desired is DesiredState.CANCELLED else 0


def with_desired(payment: Payment, desired: DesiredState) -> Payment:
    """Change what is wanted. Once cancelled, it stays so. The next step is another call, with a key of its own."""
    if desired is payment.desired or payment.desired is DesiredState.CANCELLED:
        return payment
    return replace(payment, desired=desired, unclear_at=None)


def given_up(payment: Payment, code: str) -> Payment:
    """Stripe will never take it: nothing can be paid."""
    return replace(payment, status=Status.CANCELLED, failure=code)


def why_cancelled(payment: Payment) -> str:
    """Empty where orders wanted it so."""
    if payment.is_exhausted:
        return "too_many_declines"
    if payment.desired is DesiredState.CANCELLED:
        return ""
    return (payment.failure if payment.intent_id is None else None) or "cancelled_at_stripe"


def seen(payment: Payment, intent: Intent) -> Payment:
    """The payment as this look at Stripe leaves it; after MOST_DECLINES it is called off.

    Raises Conflict(not_our_payment) for another amount.
    """
    if intent.amount != payment.amount:
        raise Conflict("not_our_payment", f"intent {intent.id} is over {intent.amount}, not {payment.amount}")
    status = _status(payment, intent)
    left_open = status is Status.FAILED and intent.status in VOIDABLE
    dispute = _latest(intent.reversals)
    another = intent.failed_attempt not in {None, payment.failed_attempt}
    declines = max(payment.declines + another, intent.declines)
    return replace(
        payment,
        desired=DesiredState.CANCELLED if status in UNPAID and declines >= MAX_DECLINES else payment.desired,
        status=status,
        intent_id=intent.id,
        client_secret=intent.client_secret,
        captured=max(payment.captured, intent.captured),
        refunded=given_back(intent.reversals.refunds) if intent.reversals else payment.refunded,
        disputed=sum(each.taken for each in intent.reversals.disputes) if intent.reversals else payment.disputed,
        dispute=dispute.status if dispute else payment.dispute,
        dispute_reason=dispute.reason if dispute else payment.dispute_reason,
        respond_by=dispute.respond_by if dispute else payment.respond_by,
        failure=payment.failure if status is Status.FAILED and not intent.failure else intent.failure,
        failed_attempt=intent.failed_attempt or payment.failed_attempt,
        declines=declines,
        unclear_at=payment.unclear_at if (status, left_open) == (payment.status, payment.left_open) else None,
        left_open=left_open,
    )


def _status(payment: Payment, intent: Intent) -> Status:
    if intent.status is Status.CAPTURED and intent.captured < payment.amount.amount:
        return Status.SHORT
    lost = payment.status is Status.AUTHORIZED and payment.desired is not DesiredState.CANCELLED
    status = Status.FAILED if intent.capture_failed or (lost and intent.status is Status.CANCELLED) else intent.status
    if payment.status in FINAL and intent.captured <= payment.captured:
        return payment.status  # left only for money that came after all
    if payment.status is Status.AUTHORIZED and status in PAYABLE:
        return payment.status  # what is authorised never becomes payable again
    return status


def _latest(reversals: Reversals | None) -> Dispute | None:
    """Stripe lists the newest first."""
    return reversals.disputes[0] if reversals and reversals.disputes else None
