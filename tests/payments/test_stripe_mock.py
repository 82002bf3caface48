"""Every request of the gateway, checked against Stripe's OpenAPI by Stripe's own mock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stripe

from app.config.settings import Settings
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment, Step
from app.modules.payments.domain.refund import Refund
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.settings import payments_settings
from tests.servers import address

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAYMENT = Payment(
    id=new_id(), order_id=new_id(), customer_id=new_id(), amount=Money(1800, "EUR"), created_at=NOW, requested_at=NOW
)
KNOWN = replace(PAYMENT, intent_id="pi_1")
REFUND = Refund(
    id=new_id(), payment_id=PAYMENT.id, amount=Money(500, "EUR"), reason="a chip", requested_by="user", created_at=NOW
)

CALLS: dict[str, Callable[[StripeGateway], object]] = {
    "create": lambda gateway: gateway.take(Step.CREATE, PAYMENT),
    "capture": lambda gateway: gateway.take(Step.CAPTURE, KNOWN),
    "cancel": lambda gateway: gateway.take(Step.CANCEL, KNOWN),
    "look": lambda gateway: gateway.look(KNOWN),
    "find": lambda gateway: gateway.find(KNOWN),
    "confirm": lambda gateway: gateway.confirm(KNOWN, "pm_card_visa", new_id()),
    "refund": lambda gateway: gateway.refund(KNOWN, REFUND),
    "reversed since": lambda gateway: gateway.reversed_since(NOW),
}


@pytest.fixture
def gateway() -> StripeGateway:
    environment = {"STRIPE_API_BASE": address("STRIPE_MOCK_URL"), "STRIPE_API_KEY": "sk_test_123"}
    return StripeGateway(payments_settings(Settings.from_environment(environment)))


@pytest.mark.parametrize("call", CALLS)
def test_stripe_takes_this_request_and_we_can_read_its_answer(gateway: StripeGateway, call: str) -> None:
    CALLS[call](gateway)


def test_the_mock_refuses_what_stripe_would() -> None:
    client = stripe.StripeClient("sk_test_123", base_addresses={"api": address("STRIPE_MOCK_URL")})

    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": "lots", "currency": "eur"})  # type: ignore[typeddict-item]
