"""A purchase that is shipped, over all four modules; and where the personal data in it lies."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import MetaData

from app.kernel.money import Money
from app.web.logs import JsonLines
from tests.journeys.steps import assert_consistent, pays, signs_up
from tests.orders.methods import BERLIN, FREE_ABOVE_50, V3, WHY, offers, quoted, rates, zone
from tests.shop import Caller, Shop

PLANTED = {
    "name": "Zebulon Quirrel",
    "company": "Quirrelworks",
    "line1": "Zwetschgenweg 4711",
    "line2": "Hinterhaus Xylo",
    "city": "Unterpfaffenzell",
    "phone": "+49 30 998877665",
}
EMAIL, MOVED = "zebulon.quirrel@example.org", "Pflaumengasse 815"
SECRETS = ("zebulon", "quirrel", "zwetschgenweg", "xylo", "unterpfaffenzell", "998877665", "pflaumengasse")
PRIVATE = {("orders", "order_addresses"), ("orders", "order_contacts")}


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, in the format of production."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def sells(shop: Shop) -> None:
    """Staff add a mug with its weight and stock, and a zone with a method."""
    staff = shop.as_staff()
    variant = {"sku": "MUG", "price": {"amount": 900, "currency": "EUR"}, "weight_g": 350}
    assert staff.post("/products", {"name": "Mug", "variants": [variant]}).status_code == 201
    assert staff.post("/stock/MUG/movements", {"kind": "received", "quantity": 9, "reason": "new"}).status_code == 201
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany", FREE_ABOVE_50)
    shop.settle()


def orders(buyer: Caller, mugs: int, total: int) -> Any:
    body = {
        "items": [{"sku": "MUG", "quantity": mugs}],
        "expected_total": {"amount": total, "currency": "EUR"},
        "email": EMAIL,
        "language": "de",
        "shipping_address": BERLIN | PLANTED,
        "billing_address": BERLIN | PLANTED,
        "shipping_method": "standard",
    }
    answer = buyer.post("/orders", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_purchase_is_quoted_ordered_and_paid_with_its_shipping(embedded: Shop) -> None:
    sells(embedded)
    buyer = signs_up(embedded, "alice@example.com")
    quote = quoted(buyer, {"MUG": 2}, country="DE", postal_code="10117", shipping_method="standard")

    order = orders(buyer, 2, quote["totals"]["total"]["amount"])
    embedded.settle()
    rates(embedded, "standard", [{"currency": "EUR", "from": 0, "amount": 9000}], V3)
    assert pays(buyer, order["id"], "pm_card_visa").status_code == 200
    embedded.settle()

    paid: Any = buyer.get(f"/orders/{order['id']}").json
    payment: Any = buyer.get(f"/payments?order_id={order['id']}").json["items"][0]  # type: ignore[index]
    assert (paid["status"], paid["totals"]["total"]) == ("paid", {"amount": 2290, "currency": "EUR"})
    assert payment["amount"] == {"amount": 2290, "currency": "EUR"} or payment["amount"] == 2290
    assert Money(2290, "EUR") == Money(**paid["due"])
    assert embedded.parked() == 0
    assert_consistent(embedded)


def test_personal_data_of_an_order_lies_in_two_tables_only(embedded: Shop, logged: StringIO) -> None:
    sells(embedded)
    buyer = signs_up(embedded, "alice@example.com")
    staff = embedded.as_staff()
    order = orders(buyer, 1, 1390)
    refused = BERLIN | PLANTED | {"country": "FR", "postal_code": "75001"}
    moved = BERLIN | PLANTED | {"line1": MOVED}
    path = f"/orders/{order['id']}"
    assert buyer.patch(f"{path}/address", {"shipping_address": refused}).status_code == 409
    assert buyer.patch(f"{path}/address", {"shipping_address": refused | {"country": "DE"}}).status_code == 200
    assert staff.patch(f"{path}/address", {"shipping_address": moved, "reason": "they rang"}).status_code == 200
    assert staff.post("/orders/search", {"email": EMAIL}).json["items"] != []  # type: ignore[index]
    staff.post(f"/ops{path}/nudge", {"reason": "it waits"})
    embedded.settle()
    assert pays(buyer, order["id"], "pm_card_visa").status_code == 200
    embedded.settle()
    staff.patch(f"{path}/record", {"external_reference": "SO-1", **WHY}, headers={"If-Match": '"v0"'})
    buyer.post(f"{path}/cancel")
    embedded.settle()

    found = {(module, table) for module, table, row in rows(embedded) for each in SECRETS if each in row}

    assert found == PRIVATE, "and they are found where they lie"
    assert [each for each in SECRETS if each in logged.getvalue().lower()] == []
    assert logged.getvalue().count("\n") > 10
    for listed in (buyer.get("/orders"), staff.get("/orders"), buyer.get(path), buyer.get(f"{path}/timeline")):
        assert [each for each in SECRETS if each in listed.text.lower()] == []


def rows(shop: Shop) -> Iterator[tuple[str, str, str]]:
    """Every row of every table of every module as a text, also those of outboxes, claims, jobs and trails."""
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            tables = MetaData()
            tables.reflect(connection)
            assert {"outbox", "idempotency", "jobs", "operations"} <= tables.tables.keys()
            for table in tables.sorted_tables:
                for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"'):  # as it is stored
                    yield name, table.name, " ".join(as_text(value) for value in row).lower()


def as_text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
