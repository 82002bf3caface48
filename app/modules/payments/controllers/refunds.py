"""Give money back."""

from typing import Any
from uuid import UUID

import msgspec
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.payments.controllers import schemas
from app.modules.payments.controllers.render import refund_json
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.refunds.request_refund import request_refund
from app.web.auth import customer_id, staff_only
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.transaction import reading_of, transaction_of

blp = Blueprint("refunds", __name__, url_prefix="/payments/<uuid:payment_id>/refunds", description="Give money back")
transaction: Transaction[Work] = transaction_of("payments")
reading: Transaction[Work] = reading_of("payments")


@blp.route("")
class Refunds(MethodView):
    @staff_only
    @blp.response(200, schemas.Refunds())
    def get(self, payment_id: UUID) -> Response:
        """The refunds of a payment"""
        with reading() as work:
            found = work.refunds.of(work.payments.get(payment_id).id)
        content = {"items": [refund_json(refund) for refund in found], "next": None}
        return Response(msgspec.json.encode(content), mimetype="application/json")

    @staff_only
    @blp.arguments(schemas.NewRefund())
    @blp.response(201, schemas.Refund())
    def post(self, wanted: dict[str, Any], payment_id: UUID) -> Response:
        """Give back some of a payment, or all that is left of it"""
        with transaction() as work:
            claim = claim_key(work)
            if claim.earlier:
                return same_answer(claim, lambda: refund_json(work.refunds.get(claim.resource_id)))
            who, amount = f"user:{customer_id()}", wanted["amount"]
            refund = request_refund(work, claim.resource_id, payment_id, amount, wanted["reason"], who, clock.now())
            return first_answer(work, claim, refund_json(refund))
