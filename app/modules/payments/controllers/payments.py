"""See and confirm payments."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.payments.controllers import schemas
from app.modules.payments.controllers.render import payment_json
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.confirm_payment import confirm_payment, may_confirm
from app.web.auth import customer_id, signed_in
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("payments", __name__, url_prefix="/payments", description="Pay for orders")
transaction: Transaction[Work] = transaction_of("payments")
reading: Transaction[Work] = reading_of("payments")
gateway: Gateway = adapter_of("payments", "gateway")


@blp.route("/of-order/<uuid:order_id>")
class PaymentOfOrder(MethodView):
    @signed_in
    def get(self, order_id: UUID) -> dict[str, Any]:
        """The payment of an order"""
        with reading() as work:
            payment = work.payments.of_order(order_id)
        if payment is None or payment.customer_id != customer_id():
            raise NotFound("no_such_payment", "there is no payment for this order yet")
        return payment_json(payment)


@blp.route("/<uuid:payment_id>/confirm")
class Confirm(MethodView):
    @signed_in
    @blp.arguments(schemas.Confirm())
    def post(self, how: dict[str, Any], payment_id: UUID) -> Response:
        """Pay"""
        with transaction() as work:
            claim = claim_key(work)
            if claim.body is not None:
                return same_answer(claim, dict)
            payment = work.payments.get(payment_id)
            may_confirm(payment, customer_id())
        after = confirm_payment(transaction, gateway, payment, how["payment_method"], claim.resource_id)
        with transaction() as work:
            return first_answer(work, claim, payment_json(after), 200)
