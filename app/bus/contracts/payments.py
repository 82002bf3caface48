"""What the payments module says. All of it has the order's id as its key; amounts are in the smallest unit."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class PaymentStarted(Event, name="payments.payment_started", version=1, key="order_id"):
    """The customer can pay now."""

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
    """An attempt was declined; the customer may try again until the deadline, and ten times in all.

    `code` is the provider's, for who runs the shop; `public_code` is what the customer may know of it.
    """

    order_id: str
    payment_id: str
    code: str
    version: int
    public_code: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentAuthorized(Event, name="payments.payment_authorized", version=1, key="order_id"):
    """The money is set aside for us."""

    order_id: str
    payment_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(Event, name="payments.payment_captured", version=1, key="order_id"):
    """The money is ours."""

    order_id: str
    payment_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class CaptureFailed(Event, name="payments.capture_failed", version=1, key="order_id"):
    """What was set aside cannot be had any more, for good."""

    order_id: str
    payment_id: str
    code: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCancelled(Event, name="payments.payment_cancelled", version=1, key="order_id"):
    """Nothing was taken, and nothing will be.

    Reason, where orders did not want it so: amount_not_payable, cancelled_at_stripe, too_many_declines. The order can
    never be paid.
    """

    order_id: str
    payment_id: str
    version: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event, name="payments.payment_refunded", version=1, key="order_id"):
    """Money went back: `amount` now (0 where it is only said again), `refunded` in all so far, of `captured`."""

    order_id: str
    payment_id: str
    amount: int
    refunded: int
    captured: int
    currency: str
    version: int
    state: str = "done"  # of all its refunds: none, pending, failed, done


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event, name="payments.refund_failed", version=1, key="order_id"):
    """Stripe or the bank did not give `amount` back, or took that word back later: `refunded` is what did go back.

    No order moves by it: somebody has to refund it in another way.
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


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event, name="payments.payment_disputed", version=1, key="order_id"):
    """The cardholder disputes it, or the bank has moved on with that: `disputed` is what the bank has of it now."""

    order_id: str
    payment_id: str
    status: str  # Stripe's: needs_response, under_review, won, lost, warning_needs_response, …
    reason: str  # Stripe's: fraudulent, product_not_received, …
    disputed: int
    currency: str
    respond_by: str  # RFC 3339; empty where no reply is awaited
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCapturedShort(Event, name="payments.payment_captured_short", version=1, key="order_id"):
    """A person captured less than the whole `amount` at Stripe, and the rest is let go: the order is not paid."""

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
    """The answer to orders.order_audit_requested: whether the order's money is as the order's status says.

    It comes after all that was said of it here before: an order that has not moved by then has missed something.
    """

    audit: str
    order_id: str
    discrepancy: str  # a sentence; empty where it agrees
    version: int  # the order's, as it was asked
