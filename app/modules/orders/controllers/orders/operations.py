"""Routes for staff: list stuck orders, and nudge, cancel or write off."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas, views
from app.modules.orders.controllers.views import order_view, stuck_view
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.cancel_by_hand import cancel_by_hand
from app.modules.orders.use_cases.orders.list_stuck import list_stuck
from app.modules.orders.use_cases.orders.nudge_order import nudge_order
from app.modules.orders.use_cases.orders.write_off_refund import write_off
from app.ops.bodies import OperationReason
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Blueprint, answers, arguments
from app.web.operation import operation


def order_operations_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("order_operations", "/ops/orders", "Stuck orders, for staff")
    blp.add("/stuck", Stuck, reading)
    blp.add("/<uuid:order_id>/nudge", Nudge, transaction)
    blp.add("/<uuid:order_id>/cancel", CancelByHand, transaction)
    blp.add("/<uuid:order_id>/write-off", WriteOff, transaction)
    return blp


@dataclass(frozen=True)
class Stuck(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ListStuck(), location="query")
    @answers(200, views.StuckOrderPage)
    @operation("list_stuck_orders")
    def get(self, query: dict[str, Any]) -> views.StuckOrderPage:
        """List stuck orders, what each waits for, and what can be done"""
        limit = query["limit"]
        with self.reading() as uow:
            stuck = list_stuck(uow, limit + 1)
        items = [stuck_view(each) for each in stuck[:limit]]
        return views.StuckOrderPage(items=items, more=len(stuck) > limit)


@dataclass(frozen=True)
class Nudge(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(OperationReason())
    @answers(200, views.Order)
    @operation("nudge_order", refusals={404: "no_such_order"})
    def post(self, body: dict[str, Any], order_id: UUID) -> views.Order:
        """Make catalog and payments do whatever the order still waits for, and report its stock and payment again"""
        with self.transaction() as uow:
            order = nudge_order(uow, order_id, caller(), body["reason"])
        return order_view(order)


@dataclass(frozen=True)
class CancelByHand(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(OperationReason())
    @answers(200, views.Order)
    @operation("cancel_order_as_staff", refusals={404: "no_such_order", 409: "already_dispatched"})
    def post(self, body: dict[str, Any], order_id: UUID) -> views.Order:
        """Cancel a customer's order; a paid one is refunded. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            order = cancel_by_hand(uow, order_id, caller(), body["reason"])
        return order_view(order)


@dataclass(frozen=True)
class WriteOff(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(OperationReason())
    @answers(200, views.Order)
    @operation("write_off_refund", refusals={404: "no_such_order"})
    def post(self, body: dict[str, Any], order_id: UUID) -> views.Order:
        """Write off a failed refund that the customer received in another way. The reason is recorded in the trail"""
        with self.transaction() as uow:
            order = write_off(uow, order_id, caller(), body["reason"])
        return order_view(order)
