"""An order that was undone while a bank has its money: its documents and its tax say that nothing is due."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.bus.contracts import payments
from app.kernel import clock
from app.kernel.audit import AuditScope
from app.modules.orders.module import orders
from tests.orders.methods import sells
from tests.orders.steps import paid_by
from tests.orders.taxes import GERMAN, collects
from tests.orders.test_refunds_of_units import documents, order, pays, refunded, reports
from tests.shop import INVOICING, Shop

TAX = {1000: 159, 2000: 319}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Prices have a tax of 19 % in them. Each test uses its own order of two mugs, for 20.00."""
    alone = Shop(tmp_path_factory.mktemp("taken"), orders, **GERMAN, **INVOICING)
    collects(alone, DE=190_000)
    sells(alone, "MUG", 1000)
    yield alone
    assert discrepancies(alone) == []
    alone.close()


def discrepancies(shop: Shop) -> list[Any]:
    scope = AuditScope(since=clock.now() - timedelta(days=1), wait=60)
    checks = [each for each in shop.modules["orders"].audits if each.name in {"documents", "tax"}]
    return [each for check in checks for each in check.compare(scope) if not isinstance(each, int)]


def disputed(shop: Shop, order_id: str, amount: int) -> None:
    about = {"status": "lost" if amount else "won", "reason": "fraudulent", "currency": "EUR", "respond_by": ""}
    shop.receives(payments.PaymentDisputed(order_id=order_id, **paid_by(disputed=amount, **about)))


def cancels(shop: Shop, order_id: str) -> None:
    answer = shop.as_staff().post(f"/ops/orders/{order_id}/cancel", {"reason": "it looks like fraud"})
    assert answer.status_code == 200, answer.text


def notes(shop: Shop, order_id: str) -> list[tuple[str, int, int]]:
    """Kind, amount and tax of each document after the first invoice."""
    found = [
        (each["kind"], each["amount"]["amount"], sum(tax["amount"]["amount"] for tax in each["taxes"]))
        for each in documents(shop, order_id)
    ]
    assert found[0] == ("invoice", 2000, TAX[2000])
    return found[1:]


@pytest.mark.parametrize("first", ["the bank takes it", "it is cancelled"])
def test_a_cancelled_order_whose_money_a_bank_has_taken_has_its_credit_note(shop: Shop, first: str) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    if first == "it is cancelled":
        cancels(shop, order_id)
    disputed(shop, order_id, 2000)
    if first == "the bank takes it":
        assert (notes(shop, order_id), order(shop, order_id)["due"]["amount"]) == ([], 2000)
        cancels(shop, order_id)

    assert notes(shop, order_id) == [("credit_note", 2000, TAX[2000])]
    assert (order(shop, order_id)["due"]["amount"], order(shop, order_id)["refunded"]["amount"]) == (0, 0)


def test_what_the_bank_did_not_take_is_refunded_and_has_its_own_note(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    disputed(shop, order_id, 1000)
    cancels(shop, order_id)

    reports(shop, order_id, 2000, goodwill=1000)

    assert notes(shop, order_id) == [("credit_note", 1000, TAX[1000]), ("credit_note", 1000, TAX[2000] - TAX[1000])]
    assert order(shop, order_id)["due"]["amount"] == 0


def test_a_dispute_that_is_won_is_followed_by_the_refund(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)
    assert refunded(shop, order_id, MUG=1) == 1000
    reports(shop, order_id, 2000)
    disputed(shop, order_id, 1000)
    cancels(shop, order_id)

    disputed(shop, order_id, 0)
    reports(shop, order_id, 2000, goodwill=1000)

    amounts = [(kind, amount) for kind, amount, _ in notes(shop, order_id)]
    assert amounts == [("credit_note", 1000), ("credit_note", 1000), ("invoice", 1000), ("credit_note", 1000)]
    signed = [tax if kind == "invoice" else -tax for kind, _, tax in notes(shop, order_id)]
    assert (sum(signed), order(shop, order_id)["due"]["amount"]) == (-TAX[2000], 0)


def test_an_order_that_was_not_cancelled_keeps_its_invoice(shop: Shop) -> None:
    order_id = pays(shop, {"MUG": 2}, 2000)

    disputed(shop, order_id, 2000)

    assert (notes(shop, order_id), order(shop, order_id)["due"]["amount"]) == ([], 2000)
