"""The tax of a period: what was placed, less what was refunded, to the last cent."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts import payments
from app.kernel import clock
from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.orders.methods import PARIS, refusal, sells
from tests.orders.steps import EVENTS, PATH_TO, paid_by
from tests.orders.taxes import GERMAN, ZURICH, collects, rate, registration
from tests.shop import ALICE, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    alone = Shop(tmp_path, orders, **GERMAN)
    sells(alone, "MUG", 1190)
    collects(alone, DE=190_000)
    yield alone
    alone.close()


def pays(shop: Shop, order_id: str) -> None:
    for event in PATH_TO["paid"]:
        shop.receives(EVENTS[event](order_id))


def refunds(shop: Shop, order_id: str, refunded: int) -> None:
    more = paid_by(amount=1, refunded=refunded, captured=1190, currency="EUR", state="done")
    shop.receives(payments.PaymentRefunded(order_id=order_id, **more))


def report(shop: Shop, since: str = "2020-01-01T00:00:00Z", until: str = "2021-01-01T00:00:00Z") -> Any:
    return shop.as_staff().get("/reports/tax", query_string={"from": since, "until": until})


def rows(shop: Shop) -> list[tuple[str, str, int, int]]:
    """Of this time."""
    now = clock.now()
    until = (now + timedelta(hours=1)).isoformat()
    found: Any = report(shop, (now - timedelta(days=30)).isoformat(), until).json
    return [(each["side"], each["reason"], each["base"], each["amount"]) for each in found["items"]]


def test_what_is_placed_and_refunded_is_reported(shop: Shop) -> None:
    buyer = shop.as_customer(ALICE)
    first: Any = buyer.orders({"MUG": 1}, Money(1190, "EUR")).json
    pays(shop, first["id"])
    cancelled: Any = buyer.orders({"MUG": 2}, Money(2380, "EUR")).json
    buyer.post(f"/orders/{cancelled['id']}/cancel")
    items = [{"sku": "MUG", "quantity": 1}]
    abroad = {"items": items, "expected_total": {"amount": 1190, "currency": "EUR"}, "shipping_address": ZURICH}
    assert buyer.post("/orders", abroad).status_code == 201
    placed = [("placed", "export", 1190, 0), ("placed", "standard_rated", 1000, 190)]
    assert rows(shop) == placed

    for refunded in (333, 666, 665, 1190):
        refunds(shop, first["id"], refunded)
    assert rows(shop) == [*placed, ("refunded", "standard_rated", 1000, 190)]


def test_a_part_of_an_order_takes_its_share_of_the_tax(shop: Shop) -> None:
    order: Any = shop.as_customer(ALICE).orders({"MUG": 1}, Money(1190, "EUR")).json
    pays(shop, order["id"])
    refunds(shop, order["id"], 500)
    refunds(shop, order["id"], 500)

    assert rows(shop)[-1] == ("refunded", "standard_rated", 421, 79)


def test_a_period_ends_after_it_begins(shop: Shop) -> None:
    assert report(shop, until="2020-02-01T00:00:00Z").json == {"items": [], "next": None}
    assert refusal(report(shop, until="2019-01-01T00:00:00Z")) == (422, "bad_period")
    assert refusal(report(shop, until="2026-01-01T00:00:00Z")) == (422, "bad_period")
    assert shop.as_customer(ALICE).get("/reports/tax").status_code == 403


def test_the_report_is_a_file_for_spreadsheets(shop: Shop) -> None:
    assert rate(shop, "FR", 200_000, name="=1+1").status_code == 201
    assert registration(shop, "FR").status_code == 201
    items = [{"sku": "MUG", "quantity": 1}]
    abroad = {"items": items, "expected_total": {"amount": 1190, "currency": "EUR"}, "shipping_address": PARIS}
    assert shop.as_customer(ALICE).post("/orders", abroad).status_code == 201
    now = clock.now()
    period = {"from": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}

    answer = shop.as_staff().get("/reports/tax/csv", query_string=period)

    assert answer.mimetype == "text/csv"
    names, row = csv.reader(answer.text.splitlines())
    found: Any = shop.as_staff().get("/reports/tax", query_string=period).json
    assert dict(zip(names, row, strict=True)) == {
        **{name: str(value) for name, value in found["items"][0].items()},
        "name": "'=1+1",
    }
    assert refusal(shop.as_staff().get("/reports/tax/csv", query_string={**period, "until": period["from"]})) == (
        422,
        "bad_period",
    )
    assert shop.as_customer(ALICE).get("/reports/tax/csv", query_string=period).status_code == 403


def test_without_tax_a_refund_leaves_no_row(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "off", orders)
    sells(shop, "MUG", 1190)
    order: Any = shop.as_customer(ALICE).orders({"MUG": 1}, Money(1190, "EUR")).json
    pays(shop, order["id"])
    refunds(shop, order["id"], 500)

    with shop.modules["orders"].database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tax_refunds").scalar_one() == 0
    assert rows(shop) == []
    shop.close()
