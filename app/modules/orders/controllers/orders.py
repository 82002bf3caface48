"""Place and follow orders."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas
from app.modules.orders.controllers.render import note_json, order_json
from app.modules.orders.domain.basket import basket_of
from app.modules.orders.domain.caps import Caps
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import Order, Patience, as_placed
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.cancel_order import cancel_order
from app.modules.orders.use_cases.order_cart import order_cart
from app.modules.orders.use_cases.place_order import place_order
from app.modules.orders.use_cases.see_order import list_orders, see_order, tell_story
from app.web.auth import customer_id, is_staff, signed_in
from app.web.etags import tagged
from app.web.idempotency import claim_key, same_answer
from app.web.limits import address, hit
from app.web.paging import after, page
from app.web.transaction import adapter_of, reading_of, transaction_of
from app.web.waiting import News, wait_for_change

blp = Blueprint("orders", __name__, url_prefix="/orders", description="Place and follow orders")
transaction: Transaction[Work] = transaction_of("orders")
reading: Transaction[Work] = reading_of("orders")
patience: Patience = adapter_of("orders", "patience")
caps: Caps = adapter_of("orders", "caps")
news: News = adapter_of("orders", "news")


@blp.route("")
class Orders(MethodView):
    @signed_in
    @blp.arguments(schemas.ListOrders(), location="query")
    @blp.response(200, schemas.Orders())
    def get(self, which: dict[str, Any]) -> Response:
        """Your orders, the newest first; for staff, everybody's"""
        status = Status(which["status"]) if which["status"] else None
        before, limit = _before(which["cursor"]), which["limit"]
        with reading() as work:
            found = list_orders(work, customer_id(), is_staff(), which["customer_id"], status, before, limit + 1)
        return page(found, limit, lambda order: [str(order.id)], order_json)

    @signed_in
    @blp.arguments(schemas.PlaceOrder())
    @blp.response(201, schemas.Order())
    def post(self, wanted: dict[str, Any]) -> Response:
        """Place an order of these items, or of the cart"""
        expected, now = wanted["expected_total"], clock.now()
        with transaction() as work:
            claim = claim_key(work)
            if claim.earlier:
                return same_answer(claim, lambda: order_json(as_placed(work.orders.get(claim.resource_id), patience)))
            id, customer = claim.resource_id, customer_id()
            if wanted["items"] is None:
                token = request.headers.get("X-Cart-Token")
                order = order_cart(work, id, customer, token, expected, now, patience, caps)
            else:
                basket = basket_of((item["sku"], item["quantity"], item["version"]) for item in wanted["items"])
                order = place_order(work, id, customer, basket, expected, now, patience, caps)
            hit("unit", address(), cost=order.units)  # over the limit, nothing of this has happened
            hit("order", address())
        return _answer(order, 201)


@blp.route("/<uuid:order_id>")
class OneOrder(MethodView):
    @signed_in
    @blp.arguments(schemas.SeeOrder(), location="query")
    @blp.response(200, schemas.Order())
    def get(self, how: dict[str, Any], order_id: UUID) -> Response:
        """One order; with wait, as soon as it changes"""
        caller, staff = customer_id(), is_staff()

        def look() -> Order:
            with reading() as work:
                return see_order(work, order_id, caller, staff)

        order = wait_for_change(news, look, lambda found: found.version, how["version"], how["wait"])
        return tagged(_answer(order, 200), order.version)


@blp.route("/<uuid:order_id>/timeline")
class Timeline(MethodView):
    @signed_in
    @blp.response(200, schemas.Timeline())
    def get(self, order_id: UUID) -> Response:
        """What happened to an order, in all modules"""
        with reading() as work:
            story = tell_story(work, see_order(work, order_id, customer_id(), is_staff()))
        content = {"items": [note_json(note) for note in story], "next": None}
        return Response(msgspec.json.encode(content), mimetype="application/json")


@blp.route("/<uuid:order_id>/cancel")
class Cancel(MethodView):
    @signed_in
    @blp.response(200, schemas.Order())
    def post(self, order_id: UUID) -> Response:
        """Cancel your order; a paid one is refunded. Staff cancel others' at /ops/orders/{order_id}/cancel"""
        with transaction() as work:
            order = cancel_order(work, order_id, customer_id(), is_staff(), clock.now(), patience)
        return _answer(order, 200)


def _answer(order: Order, status: int) -> Response:
    return Response(msgspec.json.encode(order_json(order)), status, mimetype="application/json")


def _before(cursor: str | None) -> UUID | None:
    key = after(cursor, str)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is not one of ours: begin without one") from None
