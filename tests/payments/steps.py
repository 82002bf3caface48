"""Steps of the other modules, of customers and of Stripe that the tests of payments repeat."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import UUID

from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderCancelled, OrderConfirmed, PaymentRequested
from app.jobs import tables as jobs
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.infrastructure.tables import payments, refunds
from sandbox.sender import signature
from tests.conftest import until
from tests.shop import ALICE, Caller, Shop

TOTAL = Money(1800, "EUR")


def gateway_of(shop: Shop) -> StripeGateway:
    """Return another gateway with the settings of the shop's own."""
    return StripeGateway(shop.own["payments"])


def requests_payment(shop: Shop, amount: Money = TOTAL, customer: UUID = ALICE, order_id: str | None = None) -> str:
    """Publish that the stock of a new order is held; returns the order's id."""
    order_id = order_id or str(new_id())
    event = PaymentRequested(
        order_id=order_id,
        customer_id=str(customer),
        amount=amount.amount,
        currency=amount.currency,
        deadline=rfc3339(clock.now()),
        version=2,
    )
    shop.receives(event)
    return order_id


def opens(shop: Shop, customer: UUID = ALICE, amount: Money = TOTAL) -> Any:
    """Open a payment that can be paid."""
    order_id = requests_payment(shop, amount, customer=customer)
    shop.settle()
    return payment_of(shop, order_id, customer)


def authorises(shop: Shop, card: str = "pm_card_visa", amount: Money = TOTAL) -> Any:
    """Open and authorise a payment."""
    payment = opens(shop, amount=amount)
    return pays(shop.as_customer(ALICE), payment["id"], card).json


def captures(shop: Shop, amount: Money = TOTAL) -> Any:
    """Open, authorise and capture a payment."""
    payment = authorises(shop, amount=amount)
    confirms(shop, payment["order_id"])
    return payment_of(shop, payment["order_id"])


def confirms(shop: Shop, order_id: str) -> None:
    """Publish that the order is confirmed: its payment is to be captured."""
    shop.receives(OrderConfirmed(order_id=order_id, customer_id=str(ALICE), version=3))
    shop.settle()


def cancels(shop: Shop, order_id: str) -> None:
    """Publish that the order is cancelled."""
    shop.receives(OrderCancelled(order_id=order_id, customer_id=str(ALICE), reason="cancelled_by_customer", version=4))
    shop.settle()


def payment_of(shop: Shop, order_id: str, customer: UUID = ALICE) -> Any:
    """Return the payment as its owner sees it."""
    [payment] = shop.as_customer(customer).get(f"/payments?order_id={order_id}").json["items"]  # type: ignore[index]
    return payment


def pays(customer: Caller, payment_id: str, card: str = "pm_card_visa", **more: Any) -> TestResponse:
    return customer.post(f"/payments/{payment_id}/confirm", {"payment_method": card}, **more)


def settles_until(shop: Shop, order_id: str, **desired: Any) -> Any:
    """Run the jobs, failed ones after their pause, until the payment shows these values."""

    def there() -> Any:
        shop.settle()
        payment = payment_of(shop, order_id)
        return payment if {name: payment[name] for name in desired} == desired else None

    return until(there, f"the payment is {desired}")


def sandbox_state(shop: Shop) -> Any:
    with urlopen(f"{shop.own['payments'].stripe_api_base}/sandbox/state", timeout=60) as response:
        return json.load(response)


def intents(shop: Shop) -> list[Any]:
    return list(sandbox_state(shop)["intents"])


def moves_clock(shop: Shop, time: timedelta) -> Any:
    """Move the clock of the sandbox forward: banks release what has expired by then."""
    address = f"{shop.own['payments'].stripe_api_base}/sandbox/clock"
    body = json.dumps({"forward": int(time.total_seconds())}).encode()
    with urlopen(Request(address, body, {"Content-Type": "application/json"}), timeout=60) as response:
        return json.load(response)


def breaks_stripe(shop: Shop, kind: str, **about: Any) -> None:
    """Let the next calls to Stripe fail in this way."""
    fault = json.dumps({"kind": kind, **about}).encode()
    asked = Request(
        f"{shop.own['payments'].stripe_api_base}/sandbox/faults", fault, {"Content-Type": "application/json"}
    )
    urlopen(asked, timeout=60).close()


def at_stripe(shop: Shop, what: str, **given: Any) -> Any:
    """Do what a person does in Stripe's dashboard, or a bank decides. Returns the object afterwards."""
    address = f"{shop.own['payments'].stripe_api_base}/sandbox/dashboard/{what}"
    with urlopen(
        Request(address, json.dumps(given).encode(), {"Content-Type": "application/json"}), timeout=5
    ) as reported:
        return json.load(reported)


def reports(shop: Shop, type: str, about: Any) -> None:
    """Send a webhook about an object, and let the shop process it."""
    event = {"id": f"evt_{new_id().hex}", "object": "event", "type": type, "livemode": False, "data": {"object": about}}
    assert delivers(shop, event).status_code == 200
    shop.settle()


def passes(shop: Shop, time: timedelta) -> None:
    """Let time pass: rows become older, and planned jobs become due."""
    with shop.modules["payments"].database.begin() as connection:
        for table in (payments, refunds):
            for row in connection.execute(select(table.c.id, table.c.unclear_at)).all():
                if row.unclear_at:
                    earlier = {"unclear_at": row.unclear_at - time}
                    connection.execute(update(table).where(table.c.id == row.id).values(earlier))
        for row in connection.execute(select(jobs.jobs.c.subject, jobs.jobs.c.due_at)).all():
            earlier = {"due_at": row.due_at - time}
            connection.execute(update(jobs.jobs).where(jobs.jobs.c.subject == row.subject).values(earlier))
    shop.settle()


def faults(shop: Shop) -> list[Any]:
    """Return the faults that no call has used yet."""
    with urlopen(f"{shop.own['payments'].stripe_api_base}/sandbox/faults", timeout=60) as response:
        return list(json.load(response)["faults"])


def event_about(shop: Shop, payment: Mapping[str, Any], type: str = "payment_intent.amount_capturable_updated") -> Any:
    """Return a whole event of Stripe about a payment."""
    [intent] = [each for each in intents(shop) if each["metadata"]["order_id"] == payment["order_id"]]
    return {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": type,
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": intent},
    }


def delivers(shop: Shop, event: Any, *, secret: str | None = None, at: float | None = None) -> TestResponse:
    """Post an event with Stripe's signature."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    secrets = (secret or shop.own["payments"].stripe_webhook_secrets[0],)
    return posts(shop, body, signature(body, secrets, int(at if at is not None else time.time())))


def posts(shop: Shop, body: bytes, header: str | None) -> TestResponse:
    """Post a body to the webhook, with any signature."""
    headers = {"Content-Type": "application/json"} | ({"Stripe-Signature": header} if header is not None else {})
    return shop.app.test_client().post("/api/v1/payments/webhooks/stripe", data=body, headers=headers)
