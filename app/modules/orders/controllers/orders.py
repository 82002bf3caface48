"""Place and follow orders."""

from collections import Counter
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas
from app.modules.orders.controllers.render import order_json
from app.modules.orders.domain.order import Patience
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.place_order import place_order
from app.web.auth import customer_id, is_staff, signed_in
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("orders", __name__, url_prefix="/orders", description="Place and follow orders")
transaction: Transaction[Work] = transaction_of("orders")
reading: Transaction[Work] = reading_of("orders")
patience: Patience = adapter_of("orders", "patience")


@blp.route("")
class Orders(MethodView):
    @signed_in
    @blp.arguments(schemas.PlaceOrder())
    def post(self, basket: dict[str, Any]) -> Response:
        """Place an order"""
        items: Counter[str] = Counter()
        for item in basket["items"]:
            items[item["sku"]] += item["quantity"]
        with transaction() as work:
            claim = claim_key(work)
            if claim.earlier:
                return same_answer(claim, lambda: order_json(work.orders.get(claim.resource_id)))
            order = place_order(
                work, claim.resource_id, customer_id(), items, basket["expected_total"], clock.now(), patience
            )
            return first_answer(work, claim, order_json(order))


@blp.route("/<uuid:order_id>")
class OneOrder(MethodView):
    @signed_in
    def get(self, order_id: UUID) -> dict[str, Any]:
        """One order"""
        with reading() as work:
            order = work.orders.get(order_id)
        if order.customer_id != customer_id() and not is_staff():
            raise NotFound("no_such_order", f"there is no order {order_id}")
        return order_json(order)
