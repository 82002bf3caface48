"""Events of the orders module. The key of all of them is the order's id."""

from dataclasses import dataclass, field

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class Line:
    """A quantity of one sku, with the price per unit in the currency's smallest unit."""

    sku: str
    name: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, kw_only=True)
class Units:
    """A number of units of one sku."""

    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class RequestedRefund:
    """A refund of units that was requested, and of which payments has not reported what became of it."""

    refund_id: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class DispatchedShipment:
    """A shipment that has left, whatever became of it."""

    shipment_id: str
    lines: list[Units]


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The amounts of an order, in the currency's smallest unit."""

    items: int
    shipping: int
    tax: int
    discount: int
    total: int
    tax_included: bool = False  # the prices have the tax in them: it is not added to the total


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event, name="orders.order_placed", version=1, key="order_id"):
    """A customer has placed an order. Its stock is to be held."""

    order_id: str
    customer_id: str
    lines: list[Line]
    totals: Totals
    currency: str
    ship_to: str = ""  # a country, or a country with its region, such as US-TX; empty if unknown
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentRequested(Event, name="orders.payment_requested", version=1, key="order_id"):
    """The stock of the order is held. The customer may pay until the deadline."""

    order_id: str
    customer_id: str
    amount: int
    currency: str
    deadline: str  # RFC 3339
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Event, name="orders.order_confirmed", version=1, key="order_id"):
    """The payment is authorised. The stock is to be sold, and the payment captured: now, or later on request."""

    order_id: str
    customer_id: str
    version: int
    capture: str = "now"  # now, later


@dataclass(frozen=True, kw_only=True)
class CaptureRequested(Event, name="orders.capture_requested", version=1, key="order_id"):
    """The payment that was to be captured later is to be captured now, in full: goods of the order have left, or the
    bank is about to release the money.
    """

    order_id: str
    customer_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event, name="orders.order_paid", version=1, key="order_id"):
    """The payment is captured and the stock is sold."""

    order_id: str
    customer_id: str
    totals: Totals
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event, name="orders.order_cancelled", version=1, key="order_id"):
    """The order will not be paid. Its stock is to be released, and its payment cancelled or refunded.
    Reason: out_of_stock, deadline_passed, cancelled_by_customer, cancelled_by_staff, capture_failed,
    amount_not_payable, cancelled_at_stripe, too_many_declines, hold_ended.
    """

    order_id: str
    customer_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event, name="orders.order_refunded", version=1, key="order_id"):
    """A paid order is undone as a whole, before shipment. The payment is to be refunded, and the stock returned.
    Reason: refunded, cancelled_by_customer, cancelled_by_staff.
    """

    order_id: str
    customer_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class RefundRequested(Event, name="orders.refund_requested", version=1, key="order_id"):
    """Staff give the money of some units of a paid order back: so much of its payment is to be refunded. The refund
    gets the id `refund_id`, so it is made once.
    """

    order_id: str
    customer_id: str
    refund_id: str
    amount: int
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class UnitsCancelled(Event, name="orders.units_cancelled", version=1, key="order_id"):
    """Money of an order was given back for units that are still here, so they are on sale again. The order stays paid.
    A full state: `remaining` has all SKUs of the order, each with the units that are not cancelled.
    """

    order_id: str
    customer_id: str
    remaining: list[Units]
    version: int


@dataclass(frozen=True, kw_only=True)
class ShipmentChanged(Event, name="orders.shipment_changed", version=1, key="order_id"):
    """Units of an order were packed, or their shipment has changed. A full state; the version is the shipment's own.

    When it is dispatched, its units leave the shelf. Carrier and tracking number are empty before that.
    """

    order_id: str
    customer_id: str
    shipment_id: str
    status: str  # packed, dispatched, delivered, lost, unpacked
    lines: list[Units]
    carrier: str
    tracking_number: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderNudged(Event, name="orders.order_nudged", version=1, key="order_id"):
    """An operator, or a check, requests that modules catch up with the order: a module does what the order's status
    requires and was not done, and publishes again what was done.

    The event has all that a module needs if it has lost every earlier event of the order. The order does not change.
    """

    order_id: str
    customer_id: str
    status: str  # placed, awaiting_payment, confirmed, paid, cancelled, refunded
    lines: list[Line]
    totals: Totals
    currency: str
    deadline: str  # RFC 3339; empty if there is none
    ship_to: str = ""  # a country, or a country with its region, such as US-TX; empty if unknown
    version: int
    shipments: list[DispatchedShipment] = field(default_factory=list)
    capture: str = "now"  # now, or later if it is confirmed and its capture was not requested yet
    cancelled: list[Units] = field(default_factory=list)  # of the lines, while the order stands
    refunds: list[RequestedRefund] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class OrderAuditRequested(
    Event,
    name="orders.order_audit_requested",
    version=1,
    key="order_id",
    formerly="orders.order_audited.v1",
):
    """The current state of the order, with which catalog and payments compare their own data. Nothing is changed.

    A module consumes it after all earlier events of the order. `audit` and `version` are copied into the reply.
    """

    audit: str
    order_id: str
    status: str  # placed, awaiting_payment, confirmed, paid, cancelled, refunded
    lines: list[Line]
    amount: int  # the total, in the currency's smallest unit
    currency: str
    version: int
    shipments: list[DispatchedShipment] = field(default_factory=list)
    capture: str = "now"  # now, or later if it is confirmed and its capture was not requested yet
    cancelled: list[Units] = field(default_factory=list)  # of the lines, while the order stands
    refunds: list[RequestedRefund] = field(default_factory=list)
