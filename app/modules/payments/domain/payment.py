"""A payment: its desired state, its state at Stripe, and the next step from one to the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict
from app.kernel.money import CHARGES, Charge, Money
from app.modules.payments.domain.dispute import Dispute, first_to_answer
from app.modules.payments.domain.refund import Outcome, total_refunded


class DesiredState(StrEnum):
    """The state that orders needs a payment to reach. CANCELLED is final."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELLED = "cancelled"


class Status(StrEnum):
    NEW = "new"  # Stripe has not answered yet
    OPEN = "open"  # the customer can pay
    ACTION = "requires_action"  # the customer must do something more, such as 3-D Secure
    PROCESSING = "processing"  # the bank has not decided yet; until then it cannot be cancelled
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    SHORT = "captured_short"  # a person captured a part of it in Stripe's dashboard: the order is not paid
    CANCELLED = "cancelled"
    FAILED = "failed"  # authorised, but the capture failed


class Step(StrEnum):
    CREATE = "create"
    CAPTURE = "capture"
    CANCEL = "cancel"


FINAL = frozenset({Status.CAPTURED, Status.SHORT, Status.CANCELLED, Status.FAILED})
PAYABLE = frozenset({Status.OPEN, Status.ACTION, Status.PROCESSING})
UNPAID = frozenset({Status.OPEN, Status.ACTION})
VOIDABLE = frozenset({Status.OPEN, Status.ACTION, Status.AUTHORIZED})
KEY_RETENTION = timedelta(hours=23)  # Stripe stores an idempotency key for at least a day
LOOKS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
)  # when to check what a call that ended in a server error of Stripe has done
MAX_DECLINES = 10  # more cards on one payment are an attempt to test stolen cards
LOOKS_FOR_INTENT = (
    timedelta(seconds=2),
)  # short, as a duplicate intent takes no money: no client has the secret of the first


@dataclass(frozen=True, kw_only=True)
class Reversals:
    """The refunds and disputes of a captured payment, as Stripe lists them."""

    refunds: tuple[Outcome, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A PaymentIntent of Stripe, in the terms of this module."""

    id: str
    status: Status
    amount: Money
    client_secret: str
    captured: int = 0
    capture_before: datetime | None = None  # None: this answer does not contain it
    reversals: Reversals | None = None  # None: this answer does not contain them
    failure: str | None = None  # the code of the last declined attempt
    failed_attempt: str | None = None  # identifies a declined attempt
    declines: int = 0  # the attempts known to be declined; there may be more
    capture_failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The payment of one order. `version` is 0 until it is saved."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    amount: Money
    created_at: datetime
    desired: DesiredState = DesiredState.AUTHORIZED
    status: Status = Status.NEW
    requested_at: datetime | None = (
        None  # when its creation at Stripe was begun: an intent may exist there even if none is recorded here
    )
    intent_id: str | None = None
    client_secret: str | None = None
    capture_before: datetime | None = None  # when the bank releases what is authorized
    captured: int = 0
    refunded: int = 0
    disputed: int = 0  # what banks have taken back for cardholders, provisionally or finally
    dispute: str | None = None  # Stripe's status of the dispute to reply to first
    dispute_reason: str | None = None
    respond_by: datetime | None = None  # the deadline of our reply to it
    failure: str | None = None
    failed_attempt: str | None = None
    declines: int = 0  # number of declined attempts
    attempt: int = 0  # part of the idempotency key of the next step: another number makes it a new call
    unclear_at: datetime | None = None  # when Stripe answered that step with a server error: it may have had its effect
    left_open: bool = False  # failed here, but the intent can still be paid at Stripe
    traceparent: str | None = None  # the trace of the purchase
    version: int = 0

    @property
    def is_awaited(self) -> bool:
        """Whether Stripe is still to create the intent: until then the customer cannot pay."""
        return self.status is Status.NEW and next_step(self) is not None

    @property
    def is_exhausted(self) -> bool:
        """Whether the limit of declined attempts is reached: the payment is cancelled, whatever orders needs."""
        return self.declines >= MAX_DECLINES

    @property
    def is_on_hold(self) -> bool:
        """Whether it is authorized, and its capture was not requested yet, which may take days."""
        return self.status is Status.AUTHORIZED and self.desired is DesiredState.AUTHORIZED

    @property
    def is_settled(self) -> bool:
        """Whether the status is final and no step is due."""
        return next_step(self) is None and self.status in FINAL


def next_step(payment: Payment) -> Step | None:
    """Return the next call towards the desired state; None if it is reached, or if the payment waits for the customer
    or a refund.
    """
    if payment.status is Status.NEW:
        return Step.CREATE if payment.desired is not DesiredState.CANCELLED or payment.requested_at else None
    if payment.desired is DesiredState.CAPTURED and payment.status is Status.AUTHORIZED:
        return Step.CAPTURE
    if (payment.desired is DesiredState.CANCELLED and payment.status in VOIDABLE) or payment.left_open:
        return Step.CANCEL
    return None


def next_look(unclear_at: datetime, now: datetime, looks: Sequence[timedelta] = LOOKS) -> timedelta | None:
    """Return how long until the next check of what an unclear call has done; None if the last check is due or over."""
    return next((unclear_at + look - now for look in looks if unclear_at + look > now), None)


def key_is_retained(requested_at: datetime, now: datetime) -> bool:
    """Whether Stripe still stores the idempotency key of a call begun at `requested_at`: repeating it is safe."""
    return now - requested_at < KEY_RETENTION


def refundable(payment: Payment, committed: int) -> int:
    """Return how much can still be refunded, in the smallest unit; `committed` is the sum of refunds in progress.

    Each refund is a multiple of what can be charged in the currency, while a bank may take any amount.
    """
    left, step = payment.captured - payment.refunded - payment.disputed - committed, step_of(payment.amount.currency)
    return left // step * step


def step_of(currency: str) -> int:
    """Return the least amount of the currency of which each charge and refund is a multiple."""
    return CHARGES.get(currency, Charge()).step


def owed(payment: Payment) -> int:
    """Return how much still has to be refunded because the order is cancelled, in the smallest unit.

    It is below zero if a bank has taken what was refunded before.
    """
    return refundable(payment, 0) if payment.desired is DesiredState.CANCELLED else 0


def with_desired(payment: Payment, desired: DesiredState) -> Payment:
    """Change the desired state; CANCELLED never changes. The next step is then a new call with a new idempotency
    key.
    """
    if desired is payment.desired or payment.desired is DesiredState.CANCELLED:
        return payment
    return replace(payment, desired=desired, unclear_at=None)


def given_up(payment: Payment, code: str) -> Payment:
    """Cancel the payment because Stripe will never accept it."""
    return replace(payment, status=Status.CANCELLED, failure=code)


def why_cancelled(payment: Payment) -> str:
    """Return the reason why the payment is cancelled; empty if orders cancelled it."""
    if payment.is_exhausted:
        return "too_many_declines"
    if payment.desired is DesiredState.CANCELLED:
        return ""
    return (payment.failure if payment.intent_id is None else None) or "cancelled_at_stripe"


def updated_from(payment: Payment, intent: Intent) -> Payment:
    """Return the payment updated from the intent that Stripe returned; after MAX_DECLINES declines it is cancelled.

    Raises Conflict(not_our_payment) if the intent is over another amount.
    """
    if intent.amount != payment.amount:
        raise Conflict("not_our_payment", f"intent {intent.id} is over {intent.amount}, not {payment.amount}")
    status = _status(payment, intent)
    left_open = status is Status.FAILED and intent.status in VOIDABLE
    dispute = first_to_answer(intent.reversals.disputes) if intent.reversals else None
    is_new_decline = intent.failed_attempt not in {None, payment.failed_attempt}
    declines = max(payment.declines + is_new_decline, intent.declines)
    return replace(
        payment,
        desired=DesiredState.CANCELLED if status in UNPAID and declines >= MAX_DECLINES else payment.desired,
        status=status,
        intent_id=intent.id,
        client_secret=intent.client_secret,
        capture_before=intent.capture_before or payment.capture_before,
        captured=max(payment.captured, intent.captured),
        refunded=total_refunded(intent.reversals.refunds) if intent.reversals else payment.refunded,
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
        return payment.status  # a final status changes only when more was captured
    if payment.status is Status.AUTHORIZED and status in PAYABLE:
        return payment.status  # an authorised payment never becomes payable again
    return status
