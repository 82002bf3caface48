"""Routes of refunds of units: staff give back what was paid for some units of an order."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask.views import MethodView
from marshmallow import fields, validate
from msgspec import Struct

from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.orders.controllers.shipments.schemas import PackedUnits, units_of
from app.modules.orders.domain.orders import unit_refund as domain
from app.modules.orders.domain.orders.unit_refund import UnitRefundStatus
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.refund_units import refund_units, see_unit_refunds
from app.ops.bodies import OperationReason
from app.ops.caller import caller
from app.web.auth import customer_id, is_staff, signed_in, staff_only
from app.web.blueprint import Answer, Blueprint, Timestamp, answers, arguments
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.operation import IDEMPOTENCY_KEY, operation


class RefundUnits(OperationReason):
    """The units to refund, and the reason."""

    example: ClassVar = {"lines": [{"sku": "MUG", "quantity": 1}], "reason": "it arrived broken"}

    lines = fields.List(fields.Nested(PackedUnits), required=True, validate=validate.Length(1, 100))


class RefundedUnits(Struct, frozen=True):
    """Units of one SKU; `amount`: what was paid for them, with their share of discounts and of tax."""

    sku: str
    quantity: int
    amount: Money


class UnitRefund(Struct, frozen=True):
    """A refund of units of an order. Once it is `made`, the bank or the customer has the money."""

    id: UUID
    order_id: UUID
    status: UnitRefundStatus
    lines: list[RefundedUnits]
    amount: Money
    requested_at: Timestamp


class UnitRefundList(Struct, frozen=True):
    """All refunds of units of an order in one page, the oldest first."""

    items: list[UnitRefund]
    next: None = None


def unit_refunds_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("unit_refunds", "/orders/<uuid:order_id>/refunds", "Refund units of orders")
    blp.add("", UnitRefunds, transaction, reading)
    return blp


@dataclass(frozen=True)
class UnitRefunds(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, UnitRefundList)
    @operation("list_unit_refunds", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> UnitRefundList:
        """List the refunds of units of an order"""
        with self.reading() as uow:
            order, found = see_unit_refunds(uow, order_id, customer_id(), is_staff())
        return UnitRefundList([_view(each, order.currency) for each in found])

    @staff_only
    @arguments(RefundUnits())
    @answers(201, UnitRefund)
    @operation(
        "refund_units",
        IDEMPOTENCY_KEY,
        refusals={
            404: "no_such_order",
            409: "not_paid nothing_left_to_refund nothing_to_refund refund_too_large too_many_refunds",
        },
    )
    def post(self, body: dict[str, Any], order_id: UUID) -> Answer[UnitRefund]:
        """Refund units of a paid order: exactly what was paid for them"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            currency = uow.orders.get(order_id).currency
            if claim.earlier:
                return same_answer(claim, lambda: _view(uow.refunds.get(claim.resource_id), currency))
            units = units_of(body["lines"])
            refund = refund_units(uow, claim.resource_id, order_id, units, caller(), body["reason"])
            return first_answer(uow.claims, claim, _view(refund, currency))


def _view(refund: domain.UnitRefund, currency: str) -> UnitRefund:
    lines = [
        RefundedUnits(sku, each.quantity, Money(each.amount, currency)) for sku, each in sorted(refund.lines.items())
    ]
    amount = Money(refund.amount, currency)
    return UnitRefund(refund.id, refund.order_id, refund.status, lines, amount, refund.requested_at)
