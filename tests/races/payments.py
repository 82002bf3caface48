"""Races of the routes of payments."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.kernel.ids import new_id
from app.modules.payments.infrastructure.tables import webhooks
from tests.payments.steps import confirms as order_is_on
from tests.payments.steps import delivers, event_about, opens, payment_of, pays
from tests.races.rivals import Race, race, refused, statuses
from tests.shop import Shop


def opened(shop: Shop, n: int) -> tuple[UUID, Any]:
    who = UUID(int=0xCA5400 + n)
    return who, opens(shop, who)


def captured(shop: Shop, n: int) -> tuple[UUID, Any]:
    who, payment = opened(shop, n)
    pays(shop.as_customer(who), payment["id"])
    order_is_on(shop, payment["order_id"])
    return who, payment


@race("POST /api/v1/payments/<uuid:payment_id>/confirm")
def a_payment_is_confirmed_twice(shop: Shop, n: int) -> Race:
    who, payment = opened(shop, n)
    caller = shop.as_customer(who)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert 200 in {first.status_code, second.status_code} <= {200, 409}, (first.text, second.text)
        assert payment_of(shop, payment["order_id"], who)["status"] == "authorized"

    return Race(lambda: pays(caller, payment["id"]), lambda: pays(caller, payment["id"]), check)


@race("POST /api/v1/payments/<uuid:payment_id>/confirm")
def one_confirmation_is_sent_twice(shop: Shop, n: int) -> Race:
    who, payment = opened(shop, n)
    caller, key = shop.as_customer(who), str(new_id())

    def check(first: TestResponse, second: TestResponse) -> None:
        codes = {each.json.get("code", each.status_code) for each in (first, second)}
        assert 200 in codes <= {200, "payment_in_progress"}, (
            first.text,
            second.text,
        )  # Stripe received both at the same time

    return Race(lambda: pays(caller, payment["id"], key=key), lambda: pays(caller, payment["id"], key=key), check)


@race("POST /api/v1/payments/<uuid:payment_id>/refunds")
def all_is_given_back_twice(shop: Shop, n: int) -> Race:
    who, payment = captured(shop, n)
    path, because = f"/payments/{payment['id']}/refunds", {"reason": "broken"}

    def check(first: TestResponse, second: TestResponse) -> None:
        refused("nothing_to_refund")(first, second)
        shop.settle()
        assert payment_of(shop, payment["order_id"], who)["refunded"]["amount"] == 1800

    return Race(lambda: shop.as_staff().post(path, because), lambda: shop.as_staff().post(path, because), check)


@race("POST /api/v1/payments/webhooks/stripe")
def stripe_delivers_one_thing_twice(shop: Shop, n: int) -> Race:
    _, payment = opened(shop, n)
    event = event_about(shop, payment)

    def check(first: TestResponse, second: TestResponse) -> None:
        assert statuses(first, second) == [200, 200]
        stored = select(func.count()).select_from(webhooks).where(webhooks.c.event_id == event["id"])
        with shop.modules["payments"].database.read() as connection:
            assert connection.execute(stored).scalar_one() == 1

    return Race(lambda: delivers(shop, event), lambda: delivers(shop, event), check)
