"""The tax report of a period says what its invoices less its credit notes say, and both what is due of its orders."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.kernel import clock
from app.modules.orders.module import orders
from tests.orders.coupons import coupon
from tests.orders.methods import offers, sells, zone
from tests.orders.taxes import GERMAN, VIENNA, ZURICH, category, collects, rate
from tests.orders.test_refunds_of_units import fails, pays, refunds, reports
from tests.shop import ALICE, INVOICING, Shop

BERLIN = {"name": "Ada", "line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
Sums = Counter[tuple[str, int, str]]


@pytest.mark.slow
@pytest.mark.parametrize("prices", ["gross", "net"])
@pytest.mark.parametrize("seed", range(3))
def test_report_documents_and_orders_agree(tmp_path: Path, prices: str, seed: int) -> None:
    chance = random.Random(seed)
    shop = Shop(tmp_path, orders, **GERMAN, **INVOICING, PRICES=prices, MAX_OPEN_ORDERS="1000")
    collects(shop, DE=190_000, AT=200_000)
    category(shop, "books")
    rate(shop, "DE", 70_000, category="books")
    rate(shop, "DE", 13_333, name="levy")
    sells(shop, "MUG", 999)
    sells(shop, "BOOK", 1237, tax_category="books")
    sells(shop, "PEN", 51)
    zone(shop, "near", "DE", "AT", "CH")
    offers(shop, "post", "near", tax_category="proportional")
    coupon(shop, "TENOFF", value=[{"amount": 1000, "currency": "EUR"}])

    due = sum(_lives(shop, chance) for _ in range(12))
    shop.settle()

    now = clock.now()
    period = {"from": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    report: Any = shop.as_staff().get("/reports/tax", query_string=period).json
    bases, taxes = _reported(report["items"])
    of_documents: Any = shop.as_staff().get("/documents?limit=100").json
    bases_of_documents, taxes_of_documents, amount = _documented(of_documents["items"])
    assert (bases, taxes, amount) == (bases_of_documents, taxes_of_documents, due)
    shop.close()


def _lives(shop: Shop, chance: random.Random) -> int:
    """One order: bought, paid, and refunded by units and by amounts, some of which fail. Returns what is due of it."""
    alice = shop.as_customer(ALICE)
    items = {sku: chance.randint(1, 4) for sku in chance.sample(["MUG", "BOOK", "PEN"], chance.randint(1, 3))}
    more: dict[str, Any] = {
        "shipping_address": chance.choice([BERLIN, BERLIN, VIENNA, ZURICH]),
        "shipping_method": "post",
        "email": "ada@example.com",
        "codes": ["TENOFF"] if chance.random() < 0.5 else [],
    }
    wanted = {"items": [{"sku": sku, "quantity": units} for sku, units in items.items()], **more}
    asked: Any = alice.post("/orders", {**wanted, "expected_total": {"amount": 1, "currency": "EUR"}}).json
    total = int(asked["total"]["amount"])
    order_id, goodwill = pays(shop, items, total, **more), 0
    for _ in range(chance.randint(0, 5)):
        if chance.random() < 0.3:
            goodwill += chance.randint(0, max(0, (total - goodwill - _units_back(shop, order_id)) // 3))
            reports(shop, order_id, total, goodwill=goodwill)
            continue
        answer = refunds(shop, order_id, **{chance.choice(list(items)): 1})
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201 and chance.random() < 0.2:
            refund: Any = answer.json
            fails(shop, order_id, refund["id"], refunded=goodwill + _units_back(shop, order_id, but=refund["id"]))
        reports(shop, order_id, total, goodwill=goodwill)
    order: Any = alice.get(f"/orders/{order_id}").json
    return int(order["due"]["amount"])


def _units_back(shop: Shop, order_id: str, but: str = "") -> int:
    found: Any = shop.as_staff().get(f"/orders/{order_id}/refunds").json
    return sum(each["amount"]["amount"] for each in found["items"] if each["status"] == "made" and each["id"] != but)


def _reported(items: list[Any]) -> tuple[Sums, Sums]:
    bases, taxes = Sums(), Sums()
    for each in items:
        box, sign = (each["name"], each["ppm"], each["reason"]), 1 if each["side"] == "placed" else -1
        bases[box] += sign * each["base"]
        taxes[box] += sign * each["amount"]
    return bases, taxes


def _documented(documents: list[Any]) -> tuple[Sums, Sums, int]:
    """Each document adds up, too."""
    bases, taxes, amount = Sums(), Sums(), 0
    for document in documents:
        sign = 1 if document["kind"] == "invoice" else -1
        amount += sign * document["amount"]["amount"]
        for each in document["taxes"]:
            box = each["name"], each["ppm"], each["reason"]
            bases[box] += sign * each["base"]["amount"]
            taxes[box] += sign * each["amount"]["amount"]
        if totals := document["totals"]:
            total = totals["items"]["amount"] - totals["discount"]["amount"] + totals["shipping"]["amount"]
            total += 0 if totals["tax_included"] else totals["tax"]["amount"]
            assert total == totals["total"]["amount"] == document["amount"]["amount"]
            assert sum(each["amount"]["amount"] for each in document["taxes"]) == totals["tax"]["amount"]
    return bases, taxes, amount
