"""The response bodies of orders."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from app.kernel.money import Money
from app.modules.orders.controllers.carts.discount_views import Discount, GivenCode, codes_view, discounts_view
from app.modules.orders.controllers.tax.line_views import TaxLine, tax_lines_view
from app.modules.orders.domain.carts.priced_cart import PricedCart, PricedLine
from app.modules.orders.domain.orders import order as domain
from app.modules.orders.domain.orders import timeline
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.promotions.candidate import Reason
from app.modules.orders.domain.tax.taxed import TaxLine as TaxedLine
from app.modules.orders.use_cases.orders.list_stuck import Stuck
from app.web.blueprint import Timestamp


class OrderLine(Struct, frozen=True):
    """A quantity of one SKU, at the unit price that it had when the order was placed.

    How many of its units were cancelled, packed, and dispatched; the dispatched ones are counted as packed, too.
    `refunded`: those that are refunded by themselves.
    `discount`: its share of all discounts, for all its units together.
    """

    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    cancelled: int
    packed: int
    dispatched: int
    refunded: int


class OrderTotals(Struct, frozen=True):
    """The total of an order, and its parts: items + shipping + tax - discount.

    `tax_included`: the prices have the tax in them, so that the total is items + shipping - discount.
    """

    items: Money
    shipping: Money
    tax: Money
    discount: Money
    total: Money
    tax_included: bool


class ChosenShipping(Struct, frozen=True):
    """The shipping method of an order: its code, and its name and price as they were when the order was placed."""

    code: str
    name: str
    price: Money


class Order(Struct, frozen=True):
    """An order. `number`: the date of placing and a running number. `reason`: why it was cancelled or refunded.

    `totals`: as placed; they never change. `cancelled`: the amount that was cancelled and not charged.
    `refunded`: the amount refunded so far; it decreases if a refund fails later. `refund`: the state of the refund.
    `due`: the total without what was cancelled and given back.
    `disputed`: the amount that the customer's bank has taken back. `fulfilment`: how much of it has left or arrived.
    `tax_lines`: the tax of each line and of shipping, as placed; null in lists, and where operators act on an order.
    """

    id: UUID
    number: str
    customer_id: UUID
    status: Status
    reason: str | None
    fulfilment: domain.Fulfilment
    lines: list[OrderLine]
    totals: OrderTotals
    shipping_method: ChosenShipping | None
    cancelled: Money
    refunded: Money
    refund: domain.RefundState
    due: Money
    disputed: Money
    placed_at: Timestamp
    deadline: Timestamp | None
    version: int
    tax_lines: list[TaxLine] | None = None


class OrderPage(Struct, frozen=True):
    """Orders, the newest first."""

    items: list[Order]
    next: str | None


class TimelineEntry(Struct, frozen=True):
    """What happened to an order, in which module, by which request, and in which trace."""

    at: Timestamp
    module: str
    what: str
    detail: Mapping[str, Any]
    request_id: str | None
    trace_id: str | None


class Timeline(Struct, frozen=True):
    """All entries of an order's timeline, in one page."""

    items: list[TimelineEntry]
    next: None = None


class StuckOrder(Struct, frozen=True):
    """A stuck order: since when, what it waits for, and what can be done.

    `status`: the status of the order, or "unknown here" if orders does not have the order.
    """

    order_id: str
    status: str
    since: Timestamp
    waits_for: str
    advice: str


class StuckOrderPage(Struct, frozen=True, kw_only=True):
    """One page. `more`: whether there are further stuck orders; they are listed once these are resolved."""

    items: list[StuckOrder]
    next: None = None
    more: bool


class CartLine(Struct, frozen=True):
    """A SKU in a cart. `unit_price`: the current one; null: unknown. `available`: last stock level; null: unknown."""

    sku: str
    name: str
    quantity: int
    unit_price: Money | None
    on_sale: bool
    available: int | None


class CartProblem(Struct, frozen=True):
    """Why a cart cannot be ordered, with the code of the error. `sku`: the line to remove, if one line is the cause.

    Codes: unknown_sku, not_on_sale, mixed_currencies, total_too_large.
    """

    code: str
    detail: str
    sku: str | None


class Cart(Struct, frozen=True):
    """A cart. `total`: what to send as expected_total once there are no `problems` and if nothing is shipped: it leaves
    out shipping, which a quote has, and lines that are no longer on sale.
    `codes`: of coupons, with the reason of those that give nothing now. `order_id`: the open order that locks the cart.
    """

    lines: list[CartLine]
    problems: list[CartProblem]
    discounts: list[Discount]
    codes: list[GivenCode]
    total: Money | None
    order_id: UUID | None


def totals_view(totals: domain.Totals) -> OrderTotals:
    return OrderTotals(totals.items, totals.shipping, totals.tax, totals.discount, totals.total, totals.tax_included)


def order_view(order: domain.Order, tax_lines: Sequence[TaxedLine] | None = None) -> Order:
    return Order(
        id=order.id,
        number=order.number,
        customer_id=order.customer_id,
        status=order.status,
        reason=order.reason,
        fulfilment=order.fulfilment,
        lines=[_order_line(line) for line in order.lines],
        totals=totals_view(order.totals),
        shipping_method=_shipping(order),
        cancelled=order.cancelled,
        refunded=Money(order.refunded, order.currency),
        refund=order.refund,
        due=order.due,
        disputed=Money(order.disputed, order.currency),
        placed_at=order.placed_at,
        deadline=order.deadline,
        version=order.version,
        tax_lines=None if tax_lines is None else tax_lines_view(tax_lines),
    )


def _order_line(line: domain.Line) -> OrderLine:
    counts = line.cancelled, line.packed, line.dispatched, line.refunded
    discount = Money(line.discount, line.unit_price.currency)
    return OrderLine(line.sku, line.name, line.quantity, line.unit_price, discount, *counts)


def _shipping(order: domain.Order) -> ChosenShipping | None:
    if order.shipping_method is None:
        return None
    return ChosenShipping(order.shipping_method, order.shipping_name or "", order.totals.shipping)


def entry_view(entry: timeline.TimelineEntry) -> TimelineEntry:
    return TimelineEntry(entry.at, entry.module, entry.what, entry.detail, entry.request_id, entry.trace_id)


def stuck_view(stuck: Stuck) -> StuckOrder:
    return StuckOrder(stuck.order_id, stuck.status, stuck.since, stuck.waits_for, stuck.advice)


def cart_view(priced: PricedCart) -> Cart:
    total = priced.priced
    return Cart(
        lines=[_cart_line(line) for line in priced.lines],
        problems=[CartProblem(each.code, each.detail, each.sku) for each in priced.problems],
        discounts=discounts_view(total.discounts, total.totals.items.currency) if total else [],
        codes=codes_view(total.codes) if total else [GivenCode(code, Reason.TOO_LITTLE) for code in priced.cart.codes],
        total=total.totals.total if total else None,
        order_id=priced.cart.order_id,
    )


def _cart_line(line: PricedLine) -> CartLine:
    offer = line.offer
    if offer is None:
        return CartLine(line.sku, line.sku, line.quantity, None, False, None)
    return CartLine(line.sku, offer.name, line.quantity, offer.price, offer.on_sale, offer.available)
