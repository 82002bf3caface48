"""See and make payments."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.transaction import Transaction
from app.modules.payments.controllers import schemas
from app.modules.payments.controllers.render import payment_json
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.payments.confirm_payment import confirm_payment, may_confirm
from app.modules.payments.use_cases.payments.see_payment import payments_of_order, see_payment
from app.web.auth import customer_id, is_staff, signed_in
from app.web.etags import tagged
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.limits import address, hit, limited
from app.web.transaction import adapter_of, reading_of, transaction_of
from app.web.waiting import News, wait_for_change

blp = Blueprint("payments", __name__, url_prefix="/payments", description="Pay for orders")
transaction: Transaction[Work] = transaction_of("payments")
reading: Transaction[Work] = reading_of("payments")
gateway: Gateway = adapter_of("payments", "gateway")
news: News = adapter_of("payments", "news")
ADDRESS_SHARE = 10  # attempts from one address, for each of one customer's: offices and mobile networks share them
WAITED_FOR = 0  # the version of a payment that is not there yet, or that Stripe has not answered for


@blp.route("")
class Payments(MethodView):
    @signed_in
    @blp.arguments(schemas.OfOrder(), location="query")
    @blp.response(200, schemas.Payments())
    def get(self, which: dict[str, Any]) -> Response:
        """The payment of an order; with wait, as soon as there is one to pay, or it is not of that version any more"""
        caller, staff = customer_id(), is_staff()

        def look() -> Sequence[Payment]:
            with reading() as work:
                return payments_of_order(work, which["order_id"], caller, staff)

        if which["version"] is None:
            found = wait_for_change(news, look, _readiness, WAITED_FOR, which["wait"])
        else:
            found = wait_for_change(news, look, _version, which["version"], which["wait"])
        return _json({"items": [payment_json(each, caller) for each in found], "next": None})


@blp.route("/<uuid:payment_id>")
class OnePayment(MethodView):
    @signed_in
    @blp.response(200, schemas.Payment())
    def get(self, payment_id: UUID) -> Response:
        """One payment"""
        with reading() as work:
            payment = see_payment(work, payment_id, customer_id(), is_staff())
        return tagged(_json(payment_json(payment, customer_id())), payment.version)


@blp.route("/<uuid:payment_id>/confirm")
class Confirm(MethodView):
    @signed_in
    @limited("confirm")
    @blp.arguments(schemas.Confirm())
    @blp.response(200, schemas.Payment())
    def post(self, how: dict[str, Any], payment_id: UUID) -> Response:
        """Pay; where status is requires_action, the customer's bank asks for more, by the client secret"""
        with transaction() as work:
            claim = claim_key(work)
            if claim.body is not None:
                return same_answer(claim, dict, 200)
            payment = work.payments.get(payment_id)
            may_confirm(payment, customer_id())
        hit("confirm", f"payment:{payment_id}")
        hit("confirm", address(), ADDRESS_SHARE)
        after = confirm_payment(transaction, gateway, payment, how["payment_method"], claim.resource_id)
        with transaction() as work:
            return first_answer(work, claim, payment_json(after, customer_id()), 200)


def _version(found: Sequence[Payment]) -> int:
    return sum(each.version for each in found)


def _readiness(found: Sequence[Payment]) -> int:
    """WAITED_FOR while there is nothing to pay yet."""
    return WAITED_FOR if all(each.is_awaited for each in found) else _version(found)


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), mimetype="application/json")
