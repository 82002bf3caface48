"""In production the shop accepts webhooks of the mode of its key only, whichever kind of key that is."""

import json
import time
from pathlib import Path

import pytest

from app.modules.payments.module import payments
from sandbox.sender import signature
from tests.production import PRODUCTION, production_in
from tests.shop import Shop

KEY = PRODUCTION["STRIPE_API_KEY"]


@pytest.mark.parametrize(
    ("key", "live"),
    [
        (KEY, True),
        (KEY.replace("sk_live_", "rk_live_"), True),
        (KEY.replace("sk_live_", "sk_test_"), False),
        (KEY.replace("sk_live_", "rk_test_"), False),
    ],
    ids=["sk_live", "rk_live", "sk_test", "rk_test"],
)
def test_live_webhooks_are_for_a_live_key_and_test_ones_for_a_test_key(tmp_path: Path, key: str, live: bool) -> None:
    reported = {**production_in(tmp_path), "STRIPE_API_KEY": key, "STRIPE_TEST_MODE": "allowed"}
    shop = Shop(tmp_path, payments, **reported)

    taken = {livemode: sent(shop, livemode) for livemode in (True, False)}

    shop.close()
    assert taken == {live: 200, not live: 422}


def sent(shop: Shop, livemode: bool) -> int:
    """Return the status with which the shop answers a signed event of this mode."""
    invoice = {"id": "in_1", "object": "invoice"}
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "livemode": livemode,
        "data": {"object": invoice},
    }
    body = json.dumps(event).encode()
    signed = signature(body, (shop.own["payments"].stripe_webhook_secrets[0],), int(time.time()))
    path, headers = "/api/v1/payments/webhooks/stripe", {"Stripe-Signature": signed}
    answer = shop.app.test_client().post(path, data=body, headers=headers, content_type="application/json")
    return answer.status_code
