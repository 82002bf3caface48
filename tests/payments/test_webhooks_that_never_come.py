"""Changes at Stripe without a webhook are found by polling, and counted, so that a missing webhook is noticed."""

import json
from typing import Any
from urllib.request import Request, urlopen

from prometheus_client import REGISTRY
from sqlalchemy import update

from app.jobs import tables as jobs
from app.kernel import clock
from tests.payments.steps import delivers, event_about, intents, opens, payment_of
from tests.shop import Shop


def pays_in_the_browser(shop: Shop, payment: Any) -> None:
    """Pay at Stripe directly, as Stripe.js does: only a webhook can report it."""
    [intent] = [each for each in intents(shop) if each["metadata"]["order_id"] == payment["order_id"]]
    url = f"{shop.own['payments'].stripe_api_base}/v1/payment_intents/{intent['id']}/confirm"
    paying = Request(url, b"payment_method=pm_card_visa", {"Authorization": "Bearer sk_test_browser"})
    with urlopen(paying, timeout=60) as answer:
        assert json.load(answer)["status"] == "requires_capture"


def minutes_later(shop: Shop) -> None:
    """Make the next poll of each open payment due."""
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(jobs.jobs).values(due_at=clock.now()))
    shop.settle()


def missed() -> float:
    return REGISTRY.get_sample_value("quartet_webhooks_missing_total") or 0.0


def test_a_change_without_a_webhook_is_found_and_counted(shop: Shop) -> None:
    payment, before = opens(shop), missed()
    pays_in_the_browser(shop, payment)

    minutes_later(shop)

    assert payment_of(shop, payment["order_id"])["status"] == "authorized"
    assert missed() == before + 1


def test_a_change_with_a_webhook_is_not_counted_as_missed(shop: Shop) -> None:
    payment, before = opens(shop), missed()
    pays_in_the_browser(shop, payment)

    delivers(shop, event_about(shop, payment))
    shop.settle()
    minutes_later(shop)

    assert payment_of(shop, payment["order_id"])["status"] == "authorized"
    assert missed() == before


def test_a_poll_without_a_change_is_not_counted(shop: Shop) -> None:
    payment, before = opens(shop), missed()

    minutes_later(shop)

    assert payment_of(shop, payment["order_id"])["status"] == "open"
    assert missed() == before
