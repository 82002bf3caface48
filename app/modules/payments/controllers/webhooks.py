"""The endpoint that receives Stripe's webhooks."""

from dataclasses import dataclass

from flask import request
from flask.views import MethodView
from prometheus_client import Counter

from app.kernel.transaction import Transaction
from app.modules.payments.ports import Signature, UnitOfWork
from app.modules.payments.use_cases.payments.take_webhook import take_webhook
from app.web.blueprint import Blueprint, answers
from app.web.limits import limited
from app.web.operation import STRIPE_SIGNATURE, operation
from app.web.queries import any_query

WEBHOOKS = Counter("quartet_webhooks_total", "Events received from Stripe, by verdict", ["verdict"])


def webhooks_blueprint(transaction: Transaction[UnitOfWork], signature: Signature) -> Blueprint:
    blp = Blueprint("webhooks", "/payments/webhooks", "Webhooks of Stripe")
    blp.add("/stripe", StripeWebhooks, transaction, signature)
    return blp


@dataclass(frozen=True)
class StripeWebhooks(MethodView):
    transaction: Transaction[UnitOfWork]
    signature: Signature

    @any_query  # the URL is configured at Stripe, and may have a query
    @limited("none")  # Stripe sends bursts from few addresses; a request without a valid signature is refused first
    @answers(200, description="Stored; Stripe need not send it again.")
    @operation("receive_stripe_webhook", STRIPE_SIGNATURE, refusals={422: "bad_signature"})
    def post(self) -> None:
        """Receive an event from Stripe"""
        event = self.signature.open(request.get_data(), request.headers.get("Stripe-Signature", ""))
        with self.transaction() as uow:
            verdict = take_webhook(uow, event)
        WEBHOOKS.labels(verdict).inc()
