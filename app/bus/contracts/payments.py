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
class PaymentFailed(Event, name="payments.payment_failed", version=1, key="order_id"):
    """An attempt was declined; the customer may try again until the deadline."""

    order_id: str
    payment_id: str
    code: str
    version: int


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
    """Nothing was taken, and nothing will be."""

    order_id: str
    payment_id: str
    version: int


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


@dataclass(frozen=True, kw_only=True)
class PaymentAudited(Event, name="payments.payment_audited", version=1, key="order_id"):
    """The answer to orders.order_audited: whether the order's money is as the order's status says.

    It comes after all that was said of it here before: an order that has not moved by then has missed something.
    """

    audit: str
    order_id: str
    finding: str  # a sentence; empty where it agrees
    version: int  # the order's, as it was asked
