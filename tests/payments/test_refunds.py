"""Refunds: of everything, of a part, and never of more than was captured."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import update

from app.bus.contracts import payments as contracts
from app.jobs import tables as jobs
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.refund import Outcome, RefundStatus
from app.modules.payments.infrastructure.stripe.gateway import StripeGateway
from app.modules.payments.infrastructure.tables import refunds
from tests.payments.steps import (
    at_stripe,
    authorises,
    breaks_stripe,
    cancels,
    captures,
    confirms,
    delivers,
    event_about,
    passes,
    payment_of,
    pays,
    reports,
    requests_payment,
    sandbox_state,
    settles_until,
)
from tests.shop import ALICE, Shop


def requests_refund(shop: Shop, payment: Any, amount: int | None = None, currency: str = "EUR", **more: Any) -> Any:
    """Let staff request a refund of this amount; None: of all that is left."""
    body: dict[str, Any] = {"reason": "a chip in the glaze"}
    if amount is not None:
        body["amount"] = {"amount": amount, "currency": currency}
    return shop.as_staff().post(f"/payments/{payment['id']}/refunds", body, **more)


def refunds_of(shop: Shop, payment: Any) -> Any:
    return shop.as_staff().get(f"/payments/{payment['id']}/refunds").json["items"]  # type: ignore[index]


def test_all_that_was_paid_goes_back(shop: Shop) -> None:
    payment = captures(shop)

    answer = requests_refund(shop, payment)
    assert (answer.status_code, answer.json["status"], answer.json["amount"]["amount"]) == (201, "new", 1800)
    shop.settle()

    [refund] = refunds_of(shop, payment)
    assert (refund["status"], refund["reason"]) == ("succeeded", "a chip in the glaze")
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1800
    [published] = shop.published(contracts.PaymentRefunded)
    assert (published.amount, published.refunded, published.captured) == (1800, 1800, 1800)


def test_parts_of_it_go_back_until_nothing_is_left(shop: Shop) -> None:
    payment = captures(shop)
    for amount in (500, 1000):
        assert requests_refund(shop, payment, amount).status_code == 201
        shop.settle()

    too_much = requests_refund(shop, payment, 301)
    assert (too_much.status_code, too_much.json["code"]) == (409, "refund_too_large")
    assert too_much.json["refundable"] == {"amount": 300, "currency": "EUR"}
    assert requests_refund(shop, payment).json["amount"]["amount"] == 300
    shop.settle()
    assert requests_refund(shop, payment).json["code"] == "nothing_to_refund"
    assert [(published.amount, published.refunded) for published in shop.published(contracts.PaymentRefunded)] == [
        (500, 500),
        (1000, 1500),
        (300, 1800),
    ]


@pytest.mark.parametrize(("currency", "part"), [("KWD", 1001), ("MGA", 150)])
def test_a_part_that_cannot_be_paid_in_its_currency_is_refused(shop: Shop, currency: str, part: int) -> None:
    order_id = requests_payment(shop, Money(20_000, currency))
    shop.settle()
    payment = pays(shop.as_customer(ALICE), payment_of(shop, order_id)["id"]).json
    confirms(shop, order_id)

    refused = requests_refund(shop, payment, part, currency)
    assert (refused.status_code, refused.json["code"]) == (422, "bad_amount")
    assert requests_refund(shop, payment, 1000, currency).status_code == 201
    shop.settle()
    assert [each["status"] for each in refunds_of(shop, payment)] == ["succeeded"]


def test_many_at_once_never_give_back_more_than_came(shop: Shop) -> None:
    payment = captures(shop)

    with ThreadPoolExecutor(8) as staff:
        answers = list(staff.map(lambda _: requests_refund(shop, payment, 500).status_code, range(8)))
    shop.settle()

    assert sorted(answers) == [201] * 3 + [409] * 5
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1500
    assert sum(each["amount"] for each in sandbox_state(shop)["refunds"]) == 1500


def test_the_same_request_again_gives_back_once(shop: Shop) -> None:
    payment, key = captures(shop), str(new_id())

    first = requests_refund(shop, payment, 500, key=key)
    shop.settle()
    again = requests_refund(shop, payment, 500, key=key)

    assert (again.status_code, again.json) == (201, first.json)
    assert len(refunds_of(shop, payment)) == 1


@pytest.mark.parametrize("kind", ["lose_answer", "down"])
def test_an_answer_that_is_lost_gives_back_once(shop: Shop, kind: str) -> None:
    payment = captures(shop)
    breaks_stripe(shop, kind, path="/v1/refunds", times=2)
    requests_refund(shop, payment, 500)

    settles_until(shop, payment["order_id"], refunded={"amount": 500, "currency": "EUR"})

    assert len(sandbox_state(shop)["refunds"]) == 1


@pytest.mark.parametrize("stripe_has_it", [True, False])
def test_a_refund_of_yesterday_is_looked_up_before_it_is_repeated(shop: Shop, stripe_has_it: bool) -> None:
    payment = captures(shop)
    breaks_stripe(shop, "lose_answer" if stripe_has_it else "down", path="/v1/refunds")
    requests_refund(shop, payment, 500)
    shop.settle()
    with shop.modules["payments"].database.begin() as connection:
        connection.execute(update(refunds).values(requested_at=clock.now() - timedelta(days=2)))
        connection.execute(update(jobs.jobs).values(due_at=clock.now()))

    settles_until(shop, payment["order_id"], refunded={"amount": 500, "currency": "EUR"})

    assert len(sandbox_state(shop)["refunds"]) == 1


def test_late_money_and_what_staff_gave_back_add_up(shop: Shop) -> None:
    payment = captures(shop)
    requests_refund(shop, payment, 500)
    cancels(shop, payment["order_id"])

    assert [(each["amount"]["amount"], each["requested_by"] == "orders") for each in refunds_of(shop, payment)] == [
        (500, False),
        (1300, True),
    ]
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1800


def test_late_money_goes_back_whole_though_a_refund_was_seen_before_its_answer(shop: Shop) -> None:
    payment = captures(shop)
    breaks_stripe(shop, "lose_answer", path="/v1/refunds", times=3)
    requests_refund(shop, payment, 500)
    shop.settle()
    [charge] = sandbox_state(shop)["charges"]
    delivers(shop, {**event_about(shop, payment, "charge.refunded"), "data": {"object": charge}})
    shop.settle()

    cancels(shop, payment["order_id"])

    settles_until(shop, payment["order_id"], refunded={"amount": 1800, "currency": "EUR"})


def test_late_money_goes_back_whole_though_a_refund_of_staff_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = captures(shop)
    answers = [Outcome(id=None, status=RefundStatus.FAILED, failure="refused")]
    refund = StripeGateway.refund
    monkeypatch.setattr(StripeGateway, "refund", lambda *about: answers.pop() if answers else refund(*about))
    requests_refund(shop, payment, 500)

    cancels(shop, payment["order_id"])

    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1800


def test_late_money_that_stripe_will_not_give_back_is_not_asked_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = captures(shop)
    refused = Outcome(id=None, status=RefundStatus.FAILED, failure="refused")
    monkeypatch.setattr(StripeGateway, "refund", lambda *_: refused)

    cancels(shop, payment["order_id"])

    assert [each["status"] for each in refunds_of(shop, payment)] == ["failed"]


def test_what_was_given_back_and_came_back_can_be_given_back_again(shop: Shop) -> None:
    payment = captures(shop)
    requests_refund(shop, payment)
    shop.settle()
    assert requests_refund(shop, payment).json["code"] == "nothing_to_refund"

    [made] = sandbox_state(shop)["refunds"]
    reports(shop, "refund.failed", at_stripe(shop, "fail_refund", refund=made["id"]))

    [refund] = refunds_of(shop, payment)
    assert (refund["status"], refund["failure"]) == ("failed", "expired_or_canceled_card")
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 0
    [failed] = shop.published(contracts.RefundFailed)
    assert (failed.refund_id, failed.amount, failed.refunded, failed.code, failed.state) == (
        refund["id"],
        1800,
        0,
        "expired_or_canceled_card",
        "failed",
    )
    assert requests_refund(shop, payment).json["amount"]["amount"] == 1800
    shop.settle()
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1800
    assert [
        (published.amount, published.refunded, published.state)
        for published in shop.published(contracts.PaymentRefunded)
    ] == [
        (1800, 1800, "done"),
        (1800, 1800, "done"),
    ]


def test_a_part_that_fails_later_has_failed_until_as_much_is_refunded_again(shop: Shop) -> None:
    payment = captures(shop)
    for amount in (500, 300):
        requests_refund(shop, payment, amount)
        shop.settle()
    first = min(sandbox_state(shop)["refunds"], key=lambda each: -each["amount"])

    reports(shop, "refund.failed", at_stripe(shop, "fail_refund", refund=first["id"]))
    assert [published.state for published in shop.published(contracts.RefundFailed)] == ["failed"]

    for amount, state in ((200, "failed"), (300, "done")):
        requests_refund(shop, payment, amount)
        shop.settle()
        assert shop.published(contracts.PaymentRefunded)[-1].state == state


def test_a_refund_that_its_bank_takes_time_for_is_pending_until_it_is_through(shop: Shop) -> None:
    payment = authorises(shop, "pm_card_pendingRefund")
    confirms(shop, payment["order_id"])
    requests_refund(shop, payment)
    shop.settle()
    [made] = sandbox_state(shop)["refunds"]
    assert [published.state for published in shop.published(contracts.PaymentRefunded)] == ["pending"]

    reports(shop, "refund.updated", at_stripe(shop, "settle_refund", refund=made["id"]))

    assert refunds_of(shop, payment)[0]["status"] == "succeeded"
    assert [(published.amount, published.state) for published in shop.published(contracts.PaymentRefunded)] == [
        (1800, "pending"),
        (0, "done"),
    ]


def test_a_refund_that_stripe_refuses_is_published_with_its_reason(shop: Shop) -> None:
    payment = captures(shop)
    [intent] = sandbox_state(shop)["intents"]
    at_stripe(shop, "dispute", intent=intent["id"])

    cancels(shop, payment["order_id"])

    [failed] = shop.published(contracts.RefundFailed)
    assert (failed.order_id, failed.amount, failed.code) == (payment["order_id"], 1800, "charge_disputed")


def test_a_500_is_looked_at_thrice_and_then_asked_for_with_another_key(shop: Shop) -> None:
    payment = captures(shop)
    breaks_stripe(shop, "error_500", path="/v1/refunds", method="POST")
    requests_refund(shop, payment, 500)
    shop.settle()

    for minutes in (1, 4):
        passes(shop, timedelta(minutes=minutes))
        assert sandbox_state(shop)["refunds"] == []
        assert requests_refund(shop, payment, 1301).json["code"] == "refund_too_large"  # the amount stays reserved
    passes(shop, timedelta(minutes=25))

    assert [each["amount"] for each in sandbox_state(shop)["refunds"]] == [500]
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 500


def test_a_500_that_gave_back_all_the_same_is_found_and_gives_back_once(shop: Shop) -> None:
    payment = captures(shop)
    breaks_stripe(shop, "error_500", path="/v1/refunds", method="POST", when="after")
    requests_refund(shop, payment, 500)
    shop.settle()

    for minutes in (1, 4, 25, 60):
        passes(shop, timedelta(minutes=minutes))

    assert [each["amount"] for each in sandbox_state(shop)["refunds"]] == [500]
    assert [each["status"] for each in refunds_of(shop, payment)] == ["succeeded"]


def test_a_refund_made_at_stripe_is_recorded_and_leaves_less_to_refund(shop: Shop) -> None:
    payment = captures(shop)
    [intent] = sandbox_state(shop)["intents"]
    client = stripe.StripeClient("sk_test_person", base_addresses={"api": shop.own["payments"].stripe_api_base})
    client.v1.refunds.create({"payment_intent": intent["id"], "amount": 1700})

    refused = requests_refund(shop, payment, 500)
    assert refused.status_code == 201  # the refund at Stripe is not recorded yet
    shop.settle()

    found = {
        each["requested_by"] == "stripe": (each["status"], each["amount"]["amount"])
        for each in refunds_of(shop, payment)
    }
    assert found == {True: ("succeeded", 1700), False: ("failed", 500)}
    assert payment_of(shop, payment["order_id"])["refunded"]["amount"] == 1700
    assert requests_refund(shop, payment, 101).json["refundable"]["amount"] == 100


@pytest.mark.parametrize(("amount", "currency", "status"), [(1, "USD", 409), (0, "EUR", 422), (-1, "EUR", 422)])
def test_nonsense_is_refused(shop: Shop, amount: int, currency: str, status: int) -> None:
    assert requests_refund(shop, captures(shop), amount, currency).status_code == status


def test_money_that_is_only_set_aside_is_not_given_back(shop: Shop) -> None:
    assert requests_refund(shop, authorises(shop)).json["code"] == "nothing_to_refund"


def test_customers_give_nothing_back(shop: Shop) -> None:
    payment = captures(shop)
    alice = shop.as_customer(ALICE)

    assert alice.post(f"/payments/{payment['id']}/refunds", {"reason": "please"}).status_code == 403
    assert alice.get(f"/payments/{payment['id']}/refunds").status_code == 403
