"""What Stripe tells us."""

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from prometheus_client import Counter

from app.kernel.transaction import Transaction
from app.modules.payments.ports import Signature, Work
from app.modules.payments.use_cases.payments.take_webhook import take_webhook
from app.web.limits import limited
from app.web.queries import any_query
from app.web.transaction import adapter_of, transaction_of

blp = Blueprint("webhooks", __name__, url_prefix="/payments/webhooks", description="For Stripe")
transaction: Transaction[Work] = transaction_of("payments")
signature: Signature = adapter_of("payments", "signature")
TOLD = Counter("quartet_webhooks_total", "Events that Stripe told, by what they are to us", ["verdict"])


@blp.route("/stripe")
class StripeWebhooks(MethodView):
    @any_query  # the endpoint's address stands at Stripe
    @limited("none")  # Stripe comes in bursts from few addresses; whoever cannot sign is refused before any work
    @blp.doc(security=[])
    @blp.response(200, description="Stored; Stripe need not tell it again.")
    def post(self) -> Response:
        """Tell us what happened to a payment"""
        told = signature.open(request.get_data(), request.headers.get("Stripe-Signature", ""))
        with transaction() as work:
            verdict = take_webhook(work, told)
        TOLD.labels(verdict).inc()
        return Response(status=200)
