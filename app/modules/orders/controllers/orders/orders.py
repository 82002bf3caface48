"""Routes to place, list, follow and cancel orders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from app.kernel.money import MAX_AMOUNT
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas, views
from app.modules.orders.controllers.carts.codes import hit_codes
from app.modules.orders.controllers.carts.discount_views import OrderDiscounts, discounts_view
from app.modules.orders.controllers.views import entry_view, order_view
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import Order, as_placed
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.backlog import Backlog
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.order_cart import order_cart
from app.modules.orders.use_cases.orders.cancel_order import cancel_order
from app.modules.orders.use_cases.orders.place_order import place_order
from app.modules.orders.use_cases.orders.see_order import get_timeline, list_orders, see_order
from app.modules.orders.use_cases.orders.see_tax import tax_lines_of
from app.web.auth import customer_id, is_staff, signed_in
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import tagged
from app.web.idempotency import claim_key, same_answer
from app.web.limits import Share, address, hit_all
from app.web.operation import CART_TOKEN, ETAG, IDEMPOTENCY_KEY, NO_SEAT, PREFER, operation
from app.web.paging import after, bad_cursor, id_after, page
from app.web.waiting import ChangeNotifier, wait_for_change


def orders_blueprint(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    backlog: Callable[[], Backlog],
    changes: ChangeNotifier,
) -> Blueprint:
    blp = Blueprint("orders", "/orders", "Place and follow orders")
    blp.add("", Orders, transaction, reading, backlog)
    blp.add("/<uuid:order_id>", OneOrder, reading, changes)
    blp.add("/<uuid:order_id>/timeline", Timeline, reading)
    blp.add("/<uuid:order_id>/discounts", Discounts, reading)
    blp.add("/<uuid:order_id>/cancel", Cancel, transaction)
    return blp


@dataclass(frozen=True)
class Orders(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    backlog: Callable[[], Backlog]

    @signed_in
    @arguments(schemas.ListOrders(), location="query")
    @answers(200, views.OrderPage)
    @operation("list_orders", refusals={403: "role_missing", 422: "bad_cursor"})
    def get(self, query: dict[str, Any]) -> Answer[views.OrderPage]:
        """List your orders, newest first unless `sort` is given; staff see everyone's"""
        status = Status(query["status"]) if query["status"] else None
        wanted = OrderFilter(
            customer_id=query["customer_id"],
            status=status,
            fulfilment=query["fulfilment"],
            placed_since=query["placed_since"],
            placed_until=query["placed_until"],
            number=query["number"],
            total_min=query["total_min"],
            total_max=query["total_max"],
            external_reference=query["external_reference"],
        )
        sort, limit = query["sort"], query["limit"]
        start = _position(query["cursor"], sort)
        with self.reading() as uow:
            orders = list_orders(uow, customer_id(), is_staff(), wanted, sort, start, limit + 1)
        return page(orders, limit, partial(_key, sort), _page)

    @signed_in
    @arguments(schemas.PlaceOrder())
    @answers(201, views.Order)
    @operation(
        "place_order",
        IDEMPOTENCY_KEY,
        CART_TOKEN,
        refusals={
            409: "cart_locked coupon_used_up offer_not_known_yet price_changed quote_needed tax_rate_missing "
            "too_many_open_orders too_many_units_held",
            422: "address_needed bad_code email_needed empty_order mixed_currencies not_on_sale not_shipped_there "
            "shipping_method_needed too_many too_many_codes total_not_payable total_too_large total_too_small "
            "unknown_shipping_method unknown_sku",
            503: "too_many_orders",
        },
    )
    def post(self, body: dict[str, Any]) -> views.Order | Answer[views.Order]:
        """Place an order of these items or, without items, of the cart"""
        expected, backlog = body["expected_total"], self.backlog()
        shipping = schemas.contact(body), body["shipping_method"]
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                before = as_placed(uow.orders.get(claim.resource_id), uow.policies.payment_window)
                before_tax = tax_lines_of(uow, before)
                return same_answer(claim, lambda: order_view(before, before_tax))
            backlog.refuse_more()
            codes = hit_codes(body["codes"])
            id, customer = claim.resource_id, customer_id()
            if body["items"] is None:
                token = request.headers.get("X-Cart-Token")
                order, tax_lines = order_cart(uow, id, customer, token, expected, *shipping, codes)
            else:
                basket = schemas.requested(body["items"])
                order, tax_lines = place_order(uow, id, customer, basket, expected, None, *shipping, codes or ())
            here = address()  # over a limit it raises, and the transaction is rolled back
            hit_all(Share("unit", here, cost=order.units), Share("order", here))
        return order_view(order, tax_lines)


@dataclass(frozen=True)
class OneOrder(MethodView):
    reading: Transaction[UnitOfWork]
    changes: ChangeNotifier

    @signed_in
    @arguments(schemas.SeeOrder(), location="query")
    @answers(200, views.Order, ETAG | NO_SEAT)
    @operation("get_order", PREFER, refusals={404: "no_such_order"})
    def get(self, query: dict[str, Any], order_id: UUID) -> Answer[views.Order] | Response:
        """Get an order; with `wait`, the response is sent as soon as the order changes"""
        caller, staff = customer_id(), is_staff()

        def read() -> tuple[Order, Sequence[TaxLine]]:
            with self.reading() as uow:
                order = see_order(uow, order_id, caller, staff)
                return order, tax_lines_of(uow, order)

        about = str(order_id), str(caller)
        order, tax_lines = wait_for_change(
            self.changes, *about, read, lambda found: found[0].version, query["version"], query["wait"]
        )
        return tagged(order_view(order, tax_lines), order.version)


@dataclass(frozen=True)
class Timeline(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.Timeline)
    @operation("get_order_timeline", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> views.Timeline:
        """Get the timeline of an order: what happened to it, in all modules"""
        with self.reading() as uow:
            timeline = get_timeline(uow, see_order(uow, order_id, customer_id(), is_staff()))
        return views.Timeline([entry_view(entry) for entry in timeline])


@dataclass(frozen=True)
class Discounts(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, OrderDiscounts)
    @operation("get_order_discounts", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> OrderDiscounts:
        """Get the discounts of an order by promotion, as they were when it was placed"""
        with self.reading() as uow:
            order = see_order(uow, order_id, customer_id(), is_staff())
            return OrderDiscounts(discounts_view(uow.promotions.discounts(order.id), order.currency))


@dataclass(frozen=True)
class Cancel(MethodView):
    transaction: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.Order)
    @operation("cancel_order", refusals={403: "use_operations", 404: "no_such_order", 409: "already_dispatched"})
    def post(self, order_id: UUID) -> views.Order:
        """Cancel your order; a paid one is refunded. Staff cancel a customer's at /ops/orders/{order_id}/cancel"""
        with self.transaction() as uow:
            order = cancel_order(uow, order_id, customer_id(), is_staff())
            tax_lines = tax_lines_of(uow, order)
        return order_view(order, tax_lines)


def _key(sort: Sort, order: Order) -> list[str | int]:
    """The parts of a cursor, which names the sort that it belongs to unless that is the default."""
    return [str(order.id)] if sort is Sort.NEWEST else [sort, order.totals.total.amount, str(order.id)]


def _position(cursor: str | None, sort: Sort) -> Position | None:
    """Decode a cursor. Raises Invalid(bad_cursor)."""
    if sort is Sort.NEWEST:
        id = id_after(cursor)
        return Position(0, id) if id else None
    key = after(cursor, str, int, str)
    if key is None:
        return None
    try:
        position = Position(key[1], UUID(key[2]))
    except ValueError:
        raise bad_cursor() from None
    if key[0] != sort or abs(position.total) > MAX_AMOUNT:
        raise bad_cursor()
    return position


def order_page(found: Sequence[Order], limit: int) -> views.OrderPage:
    """A page of orders by id, newest first, without the Link header: the next page has a body of its own."""
    shown = page(found, limit, partial(_key, Sort.NEWEST), _page).view
    assert shown is not None
    return shown


def _page(orders: list[Order], following: str | None) -> views.OrderPage:
    return views.OrderPage([order_view(order) for order in orders], following)
