"""Signed events whose fields are not of the kind that we read: each is accepted, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.ids import new_id
from app.modules.payments.infrastructure.tables import webhooks
from app.modules.payments.module import payments
from tests.payments.steps import delivers
from tests.servers import fresh_databases
from tests.shop import Shop

INTENT = {"id": "pi_other", "object": "payment_intent", "amount": 1800, "currency": "eur"}
ODD: dict[str, Any] = {
    "an object that is a list": {"object": ["payment_intent"]},
    "an object that is an object": {"object": {}},
    "an id with a zero byte": {**INTENT, "id": "pi_\0"},
    "an id with half a character": {**INTENT, "id": "pi_\ud800"},
    "an id that is long": {**INTENT, "id": "pi_" * 10_000},
    "the payment of a charge with a zero byte": {"object": "charge", "payment_intent": "pi_\0"},
    "a payment that is an object": {"object": "charge", "payment_intent": {"id": "pi_other"}},
    "an order with a zero byte": {**INTENT, "metadata": {"order_id": "\0"}},
    "an amount without end": {**INTENT, "amount": 10**400},
    "a status that is a list": {**INTENT, "status": []},
    "a hold without end": {
        **INTENT,
        "status": "requires_capture",
        "client_secret": "s",
        "amount_received": 0,
        "last_payment_error": None,
        "latest_charge": {"payment_method_details": {"type": "card", "card": {"capture_before": 10**20}}},
    },
    "a hold that is no number": {
        **INTENT,
        "status": "requires_capture",
        "client_secret": "s",
        "amount_received": 0,
        "last_payment_error": None,
        "latest_charge": {"payment_method_details": {"type": "card", "card": {"capture_before": "soon"}}},
    },
}
TYPES = ["payment_intent.\0", "payment_intent.\ud800", "x" * 5000, ""]


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def either(request: Any, tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        shop = Shop(folder, payments, STRIPE_API_BASE=running_sandbox)
        yield shop
        shop.close()
        return
    with fresh_databases("payments") as variables:
        shop = Shop(folder, payments, STRIPE_API_BASE=running_sandbox, **variables)
        yield shop
        shop.close()


def sent(shop: Shop, type: str, about: Any) -> tuple[int, str]:
    """The status of the response, and the verdict that was stored."""
    id = f"evt_{new_id().hex}"
    event = {"id": id, "object": "event", "type": type, "livemode": False, "data": {"object": about}}
    status = delivers(shop, event).status_code
    with shop.modules["payments"].database.read() as connection:
        return status, connection.execute(select(webhooks.c.verdict).where(webhooks.c.event_id == id)).scalar_one()


@pytest.mark.parametrize("what", ODD)
def test_an_odd_object_is_not_about_our_payments(either: Shop, what: str) -> None:
    assert sent(either, "payment_intent.succeeded", ODD[what]) == (200, "foreign")


@pytest.mark.parametrize("type", TYPES, ids=range(len(TYPES)))
def test_an_odd_type_is_stored_as_far_as_it_can_be(either: Shop, type: str) -> None:
    assert sent(either, type, INTENT) == (200, "foreign")
