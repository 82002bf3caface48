"""The endpoints that list and create refunds."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.payments.controllers import schemas, views
from app.modules.payments.controllers.views import refund_view
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.refunds.request_refund import request_refund
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.operation import IDEMPOTENCY_KEY, operation


def refunds_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("refunds", "/payments/<uuid:payment_id>/refunds", "Refund payments")
    blp.add("", Refunds, transaction, reading)
    return blp


@dataclass(frozen=True)
class Refunds(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.RefundList)
    @operation("list_refunds", refusals={404: "no_such_payment"})
    def get(self, payment_id: UUID) -> views.RefundList:
        """List the refunds of a payment"""
        with self.reading() as uow:
            found = uow.refunds.of(uow.payments.get(payment_id).id)
        return views.RefundList([refund_view(refund) for refund in found])

    @staff_only
    @arguments(schemas.NewRefund())
    @answers(201, views.Refund)
    @operation(
        "create_refund",
        IDEMPOTENCY_KEY,
        refusals={404: "no_such_payment", 409: "nothing_to_refund other_currency refund_too_large", 422: "bad_amount"},
    )
    def post(self, body: dict[str, Any], payment_id: UUID) -> Answer[views.Refund]:
        """Refund a part of a payment, or all that can still be refunded"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                return same_answer(claim, lambda: refund_view(uow.refunds.get(claim.resource_id)))
            who, amount = caller(), body["amount"]
            refund = request_refund(uow, claim.resource_id, payment_id, amount, body["reason"], who, clock.now())
            return first_answer(uow.claims, claim, refund_view(refund))
