"""The webhook endpoint: events of Stripe that are late, repeated or out of order, and forgeries."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.bus.contracts import payments as contracts
from app.modules.payments.infrastructure.tables import webhooks
from app.modules.payments.schedules import sweep_webhooks
from sandbox.sender import signature
from tests.payments.steps import (
    breaks_stripe,
    delivers,
    event_about,
    faults,
    intents,
    opens,
    payment_of,
    pays,
    posts,
    requests_payment,
    settles_until,
)
from tests.shop import ALICE, Shop

Forge = Callable[[Shop, Any], tuple[bytes, str | None]]


def stored(shop: Shop) -> int:
    """Return the number of stored events."""
    with shop.modules["payments"].database.read() as connection:
        return connection.execute(select(func.count()).select_from(webhooks)).scalar_one()


def secret(shop: Shop) -> str:
    return shop.own["payments"].stripe_webhook_secrets[0]


def signed(shop: Shop, event: Any, at: float | None = None, with_secret: str | None = None) -> tuple[bytes, str]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    timestamp = int(time.time() if at is None else at)
    return body, signature(body, (with_secret or secret(shop),), timestamp)


def changed(event: Any, **values: Any) -> Any:
    """Return the event with these values of its intent changed."""
    return {**event, "data": {"object": {**event["data"]["object"], **values}}}


FORGERIES: dict[str, Forge] = {
    "no signature": lambda shop, event: (json.dumps(event).encode(), None),
    "an empty signature": lambda shop, event: (json.dumps(event).encode(), ""),
    "another secret": lambda shop, event: signed(shop, event, with_secret="whsec_guessed"),
    "six minutes old": lambda shop, event: signed(shop, event, at=time.time() - 360),
    "six minutes ahead": lambda shop, event: signed(shop, event, at=time.time() + 360),
    "an empty body": lambda shop, event: signed(shop, b""),
    "v0 only": lambda shop, event: (signed(shop, event)[0], signed(shop, event)[1].replace("v1=", "v0=")),
    "two timestamps": lambda shop, event: (signed(shop, event)[0], f"t=1,{signed(shop, event)[1]}"),
    "two signatures, both wrong": lambda shop, event: (json.dumps(event).encode(), f"t={int(time.time())},v1=00,v1=11"),
    "a signature that is not ASCII": lambda shop, event: (signed(shop, event)[0], f"{signed(shop, event)[1]}é"),
    "a body that is not UTF-8": lambda shop, event: signed(shop, b'{"id": "\xff\xfe"}'),
    "a list": lambda shop, event: signed(shop, b"[]"),
    "a body too deep to read": lambda shop, event: signed(shop, b"[" * 100_000),
    "another body than was signed": lambda shop, event: (
        json.dumps(changed(event, amount=1)).encode(),
        signed(shop, event)[1],
    ),
    "live mode": lambda shop, event: signed(shop, {**event, "livemode": True}),
    "an event without id": lambda shop, event: signed(shop, {**event, "id": None}),
    "a replay of last week": lambda shop, event: signed(shop, event, at=time.time() - 7 * 86_400),
}


NOT_FOR_US: dict[str, tuple[str, Any]] = {
    "another program's payment": ("payment_intent.succeeded", {"id": "pi_other", "object": "payment_intent"}),
    "a charge made by hand": ("charge.succeeded", {"id": "ch_1", "object": "charge", "payment_intent": None}),
    "a subscription's charge": ("charge.succeeded", {"id": "ch_2", "object": "charge", "payment_intent": "pi_sub"}),
    "another program's refund": ("refund.created", {"id": "re_1", "object": "refund", "payment_intent": "pi_other"}),
    "an invoice": ("invoice.paid", {"id": "in_1", "object": "invoice"}),
    "a dispute of another's": ("charge.dispute.created", {"id": "dp_1", "object": "dispute", "payment_intent": "pi_x"}),
    "an order's number of another program": (
        "payment_intent.succeeded",
        {"id": "pi_x", "object": "payment_intent", "metadata": {"order_id": "1001"}},
    ),
    "an order that nobody placed": (
        "payment_intent.succeeded",
        {"id": "pi_x", "metadata": {"order_id": str(UUID(int=7))}},
    ),
    "an order that is none": ("payment_intent.succeeded", {"id": "pi_x", "object": "payment_intent", "metadata": [1]}),
    "nothing": ("account.updated", None),
    "an id that is none": ("payment_intent.succeeded", {"id": 7, "object": "payment_intent"}),
}


@pytest.mark.parametrize("what", NOT_FOR_US)
def test_a_foreign_event_is_accepted_and_stored_without_its_body(shop: Shop, what: str) -> None:
    """Stripe disables an endpoint that refuses its events for days."""
    payment, (type, about) = opens(shop), NOT_FOR_US[what]

    assert delivers(shop, {**event_about(shop, payment, type), "data": {"object": about}}).status_code == 200
    shop.settle()

    with shop.modules["payments"].database.read() as connection:
        [row] = connection.execute(select(webhooks.c.type, webhooks.c.verdict, webhooks.c.body)).all()
    assert tuple(row) == (type, "foreign", None)
    assert payment_of(shop, payment["order_id"])["version"] == payment["version"]


@pytest.mark.parametrize("wrong", [{"amount": 1}, {"currency": "usd"}, {"amount": None, "currency": None}])
def test_an_event_over_another_amount_is_accepted_alerted_and_moves_nothing(
    shop: Shop, wrong: Any, caplog: Any
) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"])
    before = payment_of(shop, payment["order_id"])
    breaks_stripe(shop, "error_500", action="retrieve")

    assert delivers(shop, changed(event_about(shop, payment), **wrong)).status_code == 200
    shop.settle()

    with shop.modules["payments"].database.read() as connection:
        assert connection.execute(select(webhooks.c.verdict)).scalar_one() == "mismatch"
    assert "another amount or currency" in caplog.text
    assert payment_of(shop, payment["order_id"]) == before
    assert len(faults(shop)) == 1  # Stripe was not called


@pytest.mark.parametrize("forgery", FORGERIES)
def test_what_only_looks_like_stripe_is_refused_and_moves_nothing(shop: Shop, forgery: str) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"])
    body, header = FORGERIES[forgery](shop, event_about(shop, payment))

    answer = posts(shop, body, header)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.mimetype == "application/problem+json"
    assert stored(shop) == 0


def test_a_repeated_event_is_accepted_and_processed_once(shop: Shop) -> None:
    """Stripe repeats an event that was not answered; an answer of 4xx would make it repeat for days."""
    payment = opens(shop)
    breaks_stripe(shop, "lose_answer", action="confirm")
    pays(shop.as_customer(ALICE), payment["id"])
    event = event_about(shop, payment)

    assert [delivers(shop, event).status_code for _ in range(3)] == [200, 200, 200]
    shop.settle()

    assert (stored(shop), len(shop.published(contracts.PaymentAuthorized))) == (1, 1)
    assert payment_of(shop, payment["order_id"])["status"] == "authorized"


def test_an_event_that_changes_nothing_is_stored_and_stripe_is_not_called(shop: Shop) -> None:
    payment = opens(shop)
    pays(shop.as_customer(ALICE), payment["id"])
    shop.settle()
    breaks_stripe(shop, "error_500", action="retrieve")

    assert delivers(shop, event_about(shop, payment)).status_code == 200
    shop.settle()

    assert stored(shop) == 1
    assert [fault["kind"] for fault in faults(shop)] == ["error_500"]  # unused, as Stripe was not called


def test_while_secrets_are_rotated_either_is_valid(shop: Shop) -> None:
    event = event_about(shop, opens(shop))
    body = json.dumps(event).encode()

    header = signature(body, ("whsec_the_next_one", secret(shop)), int(time.time()))

    assert posts(shop, body, header).status_code == 200


def test_events_out_of_order_end_in_the_state_that_stripe_has(shop: Shop) -> None:
    payment = opens(shop)
    before = event_about(shop, payment, "payment_intent.created")
    pays(shop.as_customer(ALICE), payment["id"])
    after = event_about(shop, payment)

    for event in (after, before):
        assert delivers(shop, event).status_code == 200
        shop.settle()

    assert payment_of(shop, payment["order_id"])["status"] == "authorized"


def test_an_event_that_arrives_before_our_own_record_is_matched_by_its_order(shop: Shop) -> None:
    """Stripe created the intent, but its answer never arrived."""
    breaks_stripe(shop, "lose_answer", action="create")
    order_id = requests_payment(shop)
    shop.settle()
    assert payment_of(shop, order_id)["status"] == "new"

    assert delivers(shop, event_about(shop, {"order_id": order_id}, "payment_intent.created")).status_code == 200

    settles_until(shop, order_id, status="open")
    assert len(intents(shop)) == 1


def test_events_about_other_objects_are_stored_and_ignored(shop: Shop) -> None:
    payment = opens(shop)
    event = event_about(shop, payment, "customer.created")

    assert delivers(shop, {**event, "data": {"object": {"id": "cus_1", "object": "customer"}}}).status_code == 200

    assert stored(shop) == 1


def test_the_job_of_a_webhook_is_repeated_when_it_fails(shop: Shop) -> None:
    payment = opens(shop)
    breaks_stripe(shop, "lose_answer", action="confirm")
    pays(shop.as_customer(ALICE), payment["id"])
    breaks_stripe(shop, "error_500", action="retrieve", times=2)

    assert delivers(shop, event_about(shop, payment)).status_code == 200

    settles_until(shop, payment["order_id"], status="authorized")


def test_a_body_larger_than_the_shop_reads_is_refused(shop: Shop) -> None:
    body, header = signed(shop, b" " * (shop.settings.max_body_bytes + 1))

    assert posts(shop, body, header).status_code == 413


def test_stripes_webhooks_are_not_rate_limited(shop: Shop) -> None:
    answer = delivers(shop, event_about(shop, opens(shop)))

    assert "RateLimit" not in answer.headers


def test_stored_events_are_deleted_after_a_month(shop: Shop) -> None:
    delivers(shop, event_about(shop, opens(shop)))

    assert sweep_webhooks(shop.modules["payments"].transaction) == 0
    with shop.modules["payments"].database.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks SET received_at = '2020-01-01 00:00:00.000000'")
    assert sweep_webhooks(shop.modules["payments"].transaction) == 1
