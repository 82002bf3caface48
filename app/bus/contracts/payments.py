"""Events of the payments module. The key is the order's id; amounts are in the currency's smallest unit."""

from dataclasses import dataclass, field

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class UnitRefund:
    """A refund of units of an order, which orders has requested, and what has become of it."""

    refund_id: str
    state: str  # new, pending, succeeded, failed


@dataclass(frozen=True, kw_only=True)
class PaymentStarted(Event, name="payments.payment_started", version=1, key="order_id"):
    """The payment exists at Stripe, and the customer can pay now."""

    order_id: str
    payment_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(
    Event,
    name="payments.payment_failed",
    version=2,
    key="order_id",
    formerly="payments.payment_failed.v1",
    renamed={"told": "public_code"},
):
    """An attempt to pay was declined. The customer may try again until the deadline, at most ten times in all.

    `code` is Stripe's code, for the operator of the shop; `public_code` is the one that the customer may see.
    """

    order_id: str
    payment_id: str
    code: str
    version: int
    public_code: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorized(Event, name="payments.payment_authorized", version=1, key="order_id"):
    """The amount is authorised: reserved for us on the customer's card, and not captured yet.

    It is published again if the bank's hold turns out to end at another time.
    """

    order_id: str
    payment_id: str
    amount: int
    currency: str
    version: int
    capture_before: str = ""  # RFC 3339: the bank releases the amount then; empty if unknown


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(Event, name="payments.payment_captured", version=1, key="order_id"):
    """The amount has been captured."""

    order_id: str
    payment_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class CaptureFailed(Event, name="payments.capture_failed", version=1, key="order_id"):
    """The authorised amount could not be captured, and never can be."""

    order_id: str
    payment_id: str
    code: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(Event, name="payments.payment_cancelled", version=1, key="order_id"):
    """The payment is cancelled: nothing was captured, and nothing will be.

    Reason, if the cancellation was not requested by orders: amount_not_payable, cancelled_at_stripe,
    too_many_declines. Then the order can never be paid.
    """

    order_id: str
    payment_id: str
    version: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event, name="payments.payment_refunded", version=1, key="order_id"):
    """An amount was refunded: `amount` now (0 if the event only repeats the state), `refunded` so far in all, of
    `captured`.
    """

    order_id: str
    payment_id: str
    amount: int
    refunded: int
    captured: int
    currency: str
    version: int
    state: str = "done"  # of all its refunds: none, pending, failed, done
    of_units: list[UnitRefund] = field(default_factory=list)  # all that orders has requested


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event, name="payments.refund_failed", version=1, key="order_id"):
    """The refund of `amount` failed at Stripe or at the bank, at once or after it had succeeded, or was not tried, as
    less than that can still be refunded. `refunded` is what was really refunded.

    The order does not change. A person has to refund the amount in another way.
    """

    order_id: str
    payment_id: str
    refund_id: str
    amount: int
    refunded: int
    captured: int
    currency: str
    code: str
    state: str  # of all its refunds: none, pending, failed, done
    version: int
    of_units: list[UnitRefund] = field(default_factory=list)  # all that orders has requested


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event, name="payments.payment_disputed", version=1, key="order_id"):
    """The cardholder disputes the payment, or the status of the dispute has changed. `disputed` is the amount that the
    bank has withheld now.
    """

    order_id: str
    payment_id: str
    status: str  # Stripe's: needs_response, under_review, won, lost, warning_needs_response, …
    reason: str  # Stripe's: fraudulent, product_not_received, …
    disputed: int
    currency: str
    respond_by: str  # RFC 3339; empty if no reply is awaited
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCapturedShort(Event, name="payments.payment_captured_short", version=1, key="order_id"):
    """A person captured less than the whole `amount` at Stripe, and the rest was released. The order is not paid."""

    order_id: str
    payment_id: str
    amount: int
    captured: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentAuditReported(
    Event,
    name="payments.payment_audit_reported",
    version=1,
    key="order_id",
    formerly="payments.payment_audited.v1",
    renamed={"finding": "discrepancy"},
):
    """The reply to orders.order_audit_requested: whether the payment of the order agrees with the order's status.

    It is published after all earlier events of the order's payment. An order whose status does not agree with them by
    then has missed one.
    """

    audit: str
    order_id: str
    discrepancy: str  # a sentence; empty if there is none
    version: int  # the order's, from the request
