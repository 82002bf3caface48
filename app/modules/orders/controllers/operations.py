"""What staff do about orders that do not move."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas
from app.modules.orders.controllers.render import order_json, stuck_json
from app.modules.orders.domain.order import Order, Patience
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.cancel_by_hand import cancel_by_hand
from app.modules.orders.use_cases.list_stuck import list_stuck
from app.modules.orders.use_cases.nudge_order import nudge_order
from app.modules.orders.use_cases.write_off_refund import write_off
from app.web.auth import identity, staff_only
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("order_operations", __name__, url_prefix="/ops/orders", description="Orders that do not move")
transaction: Transaction[Work] = transaction_of("orders")
reading: Transaction[Work] = reading_of("orders")
patience: Patience = adapter_of("orders", "patience")


@blp.route("/stuck")
class Stuck(MethodView):
    @staff_only
    @blp.arguments(schemas.ListStuck(), location="query")
    @blp.response(200, schemas.StuckOrders())
    def get(self, how: dict[str, Any]) -> Response:
        """Orders that do not move, what each waits for, and what can be done"""
        limit = how["limit"]
        with reading() as work:
            found = list_stuck(work, clock.now(), limit + 1)
        items = [stuck_json(each) for each in found[:limit]]
        return _answer({"items": items, "next": None, "more": len(found) > limit})


@blp.route("/<uuid:order_id>/nudge")
class Nudge(MethodView):
    @staff_only
    @blp.arguments(schemas.Why())
    @blp.response(200, schemas.Order())
    def post(self, why: dict[str, Any], order_id: UUID) -> Response:
        """Have catalog and payments do what the order waits for, and say again where they stand with it"""
        with transaction() as work:
            order = nudge_order(work, order_id, _who(), why["reason"], clock.now())
        return _order(order)


@blp.route("/<uuid:order_id>/cancel")
class CancelByHand(MethodView):
    @staff_only
    @blp.arguments(schemas.Why())
    @blp.response(200, schemas.Order())
    def post(self, why: dict[str, Any], order_id: UUID) -> Response:
        """Cancel an order, a paid one with its money; the reason is kept"""
        with transaction() as work:
            order = cancel_by_hand(work, order_id, _who(), why["reason"], clock.now(), patience)
        return _order(order)


@blp.route("/<uuid:order_id>/write-off")
class WriteOff(MethodView):
    @staff_only
    @blp.arguments(schemas.Why())
    @blp.response(200, schemas.Order())
    def post(self, why: dict[str, Any], order_id: UUID) -> Response:
        """Settle with a refund that failed, as its customer got the money in another way; the reason is kept"""
        with transaction() as work:
            order = write_off(work, order_id, _who(), why["reason"], clock.now())
        return _order(order)


def _who() -> str:
    return str(identity().user_id)


def _order(order: Order) -> Response:
    return _answer(order_json(order))


def _answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), mimetype="application/json")
