"""What the orders module says. All of it has the order's id as its key."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class Line:
    """So many of one sku, at a price each, in the currency's smallest unit."""

    sku: str
    name: str
    quantity: int
    unit_price: int


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What an order adds up to, in the currency's smallest unit."""

    items: int
    shipping: int
    tax: int
    discount: int
    total: int


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event, name="orders.order_placed", version=1, key="order_id"):
    """An order exists and waits for its stock to be held."""

    order_id: str
    customer_id: str
    lines: list[Line]
    totals: Totals
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class PaymentRequested(Event, name="orders.payment_requested", version=1, key="order_id"):
    """The stock is held; the customer may pay until the deadline."""

    order_id: str
    customer_id: str
    amount: int
    currency: str
    deadline: str  # RFC 3339
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Event, name="orders.order_confirmed", version=1, key="order_id"):
    """The money is authorised: sell the stock, capture the money."""

    order_id: str
    customer_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event, name="orders.order_paid", version=1, key="order_id"):
    """The money is ours and the goods are the customer's."""

    order_id: str
    customer_id: str
    totals: Totals
    currency: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event, name="orders.order_cancelled", version=1, key="order_id"):
    """It will not be paid: stock goes back, money is voided or given back.

    Reason: out_of_stock, deadline_passed, cancelled_by_customer, cancelled_by_staff, capture_failed,
    amount_not_payable, cancelled_at_stripe, too_many_declines.
    """

    order_id: str
    customer_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event, name="orders.order_refunded", version=1, key="order_id"):
    """It was paid and is undone whole, before shipment: money and stock go back.

    Reason: refunded, cancelled_by_customer, cancelled_by_staff.
    """

    order_id: str
    customer_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderNudged(Event, name="orders.order_nudged", version=1, key="order_id"):
    """A person asks where this order stands: do what its status asks for and was not done, and say again what was.

    It tells all that a module needs which has lost every earlier event of the order. It changes nothing by itself.
    """

    order_id: str
    customer_id: str
    status: str  # placed, awaiting_payment, confirmed, paid, cancelled, refunded
    lines: list[Line]
    totals: Totals
    currency: str
    deadline: str  # RFC 3339; empty where it has none
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderAuditRequested(
    Event,
    name="orders.order_audit_requested",
    version=1,
    key="order_id",
    formerly="orders.order_audited.v1",
):
    """This is how the order stands: does what you have of it agree? It is a question, and nothing is done for it.

    Whoever hears it has heard all that was said of the order before. `audit` and `version` go into the answer.
    """

    audit: str
    order_id: str
    status: str  # placed, awaiting_payment, confirmed, paid, cancelled, refunded
    lines: list[Line]
    amount: int  # the total, in the currency's smallest unit
    currency: str
    version: int
