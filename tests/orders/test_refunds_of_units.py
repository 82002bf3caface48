"""Staff give back what was paid for units of an order: exactly that, once, whatever else is refunded."""

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.bus.contracts import payments
from app.bus.contracts.orders import OrderNudged, RefundRequested
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.orders.coupons import coupon
from tests.orders.methods import refusal, sells
from tests.orders.steps import EVENTS, PATH_TO, paid_by, timeline_of
from tests.orders.taxes import GERMAN, category, collects, rate
from tests.shop import ALICE, BOB, INVOICING, Shop

WHY = {"reason": "it arrived broken"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Books are taxed at 7 %, all else at 19 %; prices have the tax in them. Each test uses its own orders."""
    alone = Shop(tmp_path_factory.mktemp("units"), orders, **GERMAN, **INVOICING)
    collects(alone, DE=190_000)
    category(alone, "books")
    rate(alone, "DE", 70_000, category="books")
    sells(alone, "MUG", 1000)
    sells(alone, "BOOK", 1000, tax_category="books")
    coupon(alone, "TENOFF", value=[{"amount": 1000, "currency": "EUR"}])
    yield alone
    alone.close()


def pays(shop: Shop, items: dict[str, int], total: int, **more: Any) -> str:
    """Order these and pay; returns the order's id."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
    body = {"items": lines, "expected_total": {"amount": total, "currency": "EUR"}, **more}
    placed = shop.as_customer(ALICE).post("/orders", body)
    assert placed.status_code == 201, placed.text
    order_id = str(placed.json["id"])  # type: ignore[index]
    for event in PATH_TO["paid"]:
        shop.receives(EVENTS[event](order_id))
    return order_id


def refunds(shop: Shop, order_id: str, key: str | None = None, **units: int) -> TestResponse:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    return shop.as_staff().post(f"/orders/{order_id}/refunds", {"lines": lines, **WHY}, key=key or str(new_id()))


def refunded(shop: Shop, order_id: str, **units: int) -> int:
    """Refund these; returns what is given back."""
    answer = refunds(shop, order_id, **units)
    assert answer.status_code == 201, answer.text
    return int(answer.json["amount"]["amount"])  # type: ignore[index]


def reports(shop: Shop, order_id: str, total: int, state: str = "succeeded", goodwill: int = 0) -> None:
    """Payments reports that all that was requested of this order has this state; `goodwill`: what else is refunded."""
    found: Any = shop.as_staff().get(f"/orders/{order_id}/refunds").json["items"]
    of_units = [payments.UnitRefund(refund_id=each["id"], state=state) for each in found]
    amount = goodwill + sum(each["amount"]["amount"] for each in found if each["status"] != "failed")
    money = paid_by(amount=1, refunded=amount, captured=total, currency="EUR", of_units=of_units)
    shop.receives(payments.PaymentRefunded(order_id=order_id, **money))


def fails(shop: Shop, order_id: str, refund_id: str, refunded: int = 0) -> None:
    failed = [payments.UnitRefund(refund_id=refund_id, state="failed")]
    money = paid_by(refund_id=refund_id, amount=1, refunded=refunded, captured=1, currency="EUR", state="done")
    shop.receives(payments.RefundFailed(order_id=order_id, code="refund_too_large", of_units=failed, **money))


def order(shop: Shop, order_id: str) -> Any:
    return shop.as_customer(ALICE).get(f"/orders/{order_id}").json


def counts(shop: Shop, order_id: str) -> dict[str, int]:
    return {line["sku"]: line["refunded"] for line in order(shop, order_id)["lines"]}


def documents(shop: Shop, order_id: str) -> list[Any]:
    shop.settle()
    found: Any = shop.as_customer(ALICE).get(f"/orders/{order_id}/documents").json
    return list(found["items"])


def taxes(document: Any) -> dict[int, tuple[int, int]]:
    return {each["ppm"]: (each["base"]["amount"], each["amount"]["amount"]) for each in document["taxes"]}


def test_one_unit_is_refunded_with_its_share_of_the_discount(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3}, 2000, codes=["TENOFF"])

    answer = refunds(shop, order_id, MUG=1)

    asked: Any = answer.json
    assert (answer.status_code, asked["status"], asked["amount"]["amount"]) == (201, "requested", 666)
    assert asked["lines"] == [{"sku": "MUG", "quantity": 1, "amount": {"amount": 666, "currency": "EUR"}}]
    assert counts(shop, order_id) == {"MUG": 1}
    [event] = [each for each in shop.published(RefundRequested) if each.order_id == order_id]
    assert (event.refund_id, event.amount, event.currency) == (asked["id"], 666, "EUR")
    assert "orders: refund_requested" in timeline_of(shop.as_customer(ALICE), order_id)


def test_all_units_one_by_one_give_back_what_was_paid(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3}, 2000, codes=["TENOFF"])

    assert [refunded(shop, order_id, MUG=1) for _ in range(3)] == [666, 667, 667]
    assert refusal(refunds(shop, order_id, MUG=1)) == (409, "nothing_left_to_refund")
    reports(shop, order_id, 2000)
    assert order(shop, order_id)["status"] == "refunded"
    assert order(shop, order_id)["due"]["amount"] == 0


def test_a_failed_refund_gives_its_units_free_and_the_sum_stays_exact(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3}, 2000, codes=["TENOFF"])
    first: Any = refunds(shop, order_id, MUG=1).json
    second = refunded(shop, order_id, MUG=1)

    fails(shop, order_id, first["id"])
    fails(shop, order_id, first["id"])  # consumed again

    assert counts(shop, order_id) == {"MUG": 1}
    assert second + refunded(shop, order_id, MUG=1) + refunded(shop, order_id, MUG=1) == 2000
    found: Any = shop.as_customer(ALICE).get(f"/orders/{order_id}/refunds").json
    assert [each["status"] for each in found["items"]] == ["failed", "requested", "requested", "requested"]


def test_the_credit_note_has_the_units_and_their_own_tax(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3, "BOOK": 1}, 3000, codes=["TENOFF"])

    assert refunded(shop, order_id, MUG=1, BOOK=1) == 1500
    reports(shop, order_id, 3000)
    invoice, note = documents(shop, order_id)

    lines = [
        (line["sku"], line["quantity"], line["amount"]["amount"], line["discount"]["amount"]) for line in note["lines"]
    ]
    assert lines == [("BOOK", 1, 1000, 250), ("MUG", 1, 1000, 250)]
    assert (note["kind"], note["amount"]["amount"], note["totals"]["total"]["amount"]) == ("credit_note", 1500, 1500)
    assert (note["totals"]["discount"]["amount"], note["totals"]["shipping"]["amount"]) == (500, 0)
    assert taxes(invoice) == {70_000: (701, 49), 190_000: (1891, 359)}
    assert taxes(note) == {70_000: (701, 49), 190_000: (631, 119)}


def test_all_notes_come_to_the_invoice_whatever_was_refunded_before(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3, "BOOK": 1}, 3000, codes=["TENOFF"])
    reports(shop, order_id, 3000, goodwill=333)
    assert refunded(shop, order_id, MUG=1) == 750
    reports(shop, order_id, 3000, goodwill=333)
    reports(shop, order_id, 3000, goodwill=3000 - 750)

    invoice, *notes = documents(shop, order_id)

    assert [note["amount"]["amount"] for note in notes] == [333, 750, 1917]
    for note in notes:
        assert sum(map(sum, taxes(note).values())) == note["amount"]["amount"]
    for ppm, (base, tax) in taxes(invoice).items():
        assert (sum(taxes(note)[ppm][0] for note in notes), sum(taxes(note)[ppm][1] for note in notes)) == (base, tax)


def test_a_refund_that_fails_after_it_was_made_is_invoiced_again(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    made: Any = refunds(shop, order_id, MUG=1).json
    reports(shop, order_id, 2000)
    fails(shop, order_id, made["id"])

    _, note, again = documents(shop, order_id)

    assert counts(shop, order_id) == {"MUG": 0}
    assert taxes(note) == taxes(again) and (again["kind"], again["amount"]["amount"]) == ("invoice", 1000)
    assert [(line["sku"], line["quantity"]) for line in again["lines"]] == [("MUG", 1)]
    assert refunded(shop, order_id, MUG=2) == 2000


def test_no_more_is_given_back_than_is_left(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    reports(shop, order_id, 2000, goodwill=700)

    assert refunded(shop, order_id, MUG=1) == 1000
    answer = refunds(shop, order_id, MUG=1)
    assert refusal(answer) == (409, "refund_too_large")
    assert answer.json["refundable"] == {"amount": 300, "currency": "EUR"}  # type: ignore[index]
    assert counts(shop, order_id) == {"MUG": 1}


def test_what_is_refused(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    open_order: Any = shop.as_customer(ALICE).orders({"MUG": 1}, Money(1000, "EUR")).json

    assert refusal(refunds(shop, order_id, MUG=3)) == (409, "nothing_left_to_refund")
    assert refusal(refunds(shop, order_id, BOOK=1)) == (409, "nothing_left_to_refund")
    assert refusal(refunds(shop, order_id, MUG=0))[0] == 422
    assert refusal(refunds(shop, order_id))[0] == 422
    assert refusal(refunds(shop, open_order["id"], MUG=1)) == (409, "not_paid")
    assert refusal(refunds(shop, str(new_id()), MUG=1)) == (404, "no_such_order")
    path, body = f"/orders/{order_id}/refunds", {"lines": [{"sku": "MUG", "quantity": 1}], **WHY}
    assert refusal(shop.as_customer(ALICE).post(path, body, key="own"))[0] == 403
    assert refusal(shop.as_customer(BOB).get(path)) == (404, "no_such_order")
    assert counts(shop, order_id) == {"MUG": 0}


def test_the_same_sku_twice_is_added_up_and_the_same_key_is_one_refund(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 3}, 3000)
    body = {"lines": [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 1}], **WHY}

    answers = [shop.as_staff().post(f"/orders/{order_id}/refunds", body, key="once-and-again") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert counts(shop, order_id) == {"MUG": 2}


def test_a_free_unit_has_nothing_to_give_back(shop: Shop) -> None:
    sells(shop, "GIFT", 0)
    order_id = pays(shop, {"MUG": 1, "GIFT": 1}, 1000)

    assert refusal(refunds(shop, order_id, GIFT=1)) == (409, "nothing_to_refund")


def test_a_nudge_requests_again_what_nobody_has_reported(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    asked: Any = refunds(shop, order_id, MUG=1).json
    nudge = f"/ops/orders/{order_id}/nudge"

    shop.as_staff().post(nudge, {"reason": "lost"}, key=str(new_id()))
    reports(shop, order_id, 2000)
    shop.as_staff().post(nudge, {"reason": "lost"}, key=str(new_id()))

    sent = [each.refunds for each in shop.published(OrderNudged) if each.order_id == order_id]
    assert [[(each.refund_id, each.amount) for each in refunds] for refunds in sent] == [[(asked["id"], 1000)], []]


def test_added_tax_is_given_back_with_its_units(tmp_path_factory: pytest.TempPathFactory) -> None:
    net = Shop(tmp_path_factory.mktemp("net"), orders, **GERMAN, **INVOICING, PRICES="net")
    collects(net, DE=190_000)
    sells(net, "MUG", 333)
    order_id = pays(net, {"MUG": 3}, 999 + 190)

    assert [refunded(net, order_id, MUG=1) for _ in range(3)] == [396, 396, 397]
    reports(net, order_id, 1189)
    invoice, note = documents(net, order_id)
    assert taxes(note) == taxes(invoice) == {190_000: (999, 190)}
    net.close()
