"""Tax, and money that is taken at dispatch, in a shop of four processes: what each module learns comes over Kafka."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import verifier as double
from tests.conftest import answering, until
from tests.journeys.steps import assert_consistent, pays, signs_up
from tests.orders.methods import BERLIN, offers, quoted, zone
from tests.orders.shipping import code_of, moved, packed
from tests.orders.taxes import GERMAN, VIENNA, category, collects, rate
from tests.shop import Caller
from tests.topologies import ShopOnServers, live_shop

pytestmark = pytest.mark.slow
HELD = {"CAPTURE": "shipment", "AT_HOLD_END": "cancel"}


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """A German shop with a mug and a book, which ships for 5.95, and takes its money at dispatch."""
    with double.serving(0) as verifier, answering(verifier):
        url = f"http://127.0.0.1:{verifier.server_address[1]}"
        settings = {**GERMAN, **HELD, "EXPORT_PRICE": "net", "TAX_VERIFIER_URL": url}
        with live_shop(tmp_path_factory.mktemp("split"), split=True, **settings) as shop:
            sells(shop)
            yield shop


def sells(shop: ShopOnServers) -> None:
    staff = shop.as_staff()
    category(shop, "books")
    for sku, amount, of in (("MUG", 1190, "standard"), ("BOOK", 1070, "books")):
        variant = {"sku": sku, "price": {"amount": amount, "currency": "EUR"}, "tax_category": of}
        assert staff.post("/products", {"name": sku.title(), "variants": [variant]}).status_code == 201
        received = {"kind": "received", "quantity": 9, "reason": "new"}
        assert staff.post(f"/stock/{sku}/movements", received).status_code == 201
    zone(shop, "world", "DE", "AT")
    offers(shop, "post", "world", [{"currency": "EUR", "from": 0, "amount": 595}], tax_category="proportional")
    rate(shop, "DE", 70_000, "books", tax_reason="reduced_rated")
    collects(shop, DE=190_000, AT=200_000)
    shop.settle()


def buys(shop: ShopOnServers, buyer: Caller, address: Any) -> tuple[Any, str]:
    """Quote, order and pay a mug and a book. Returns the quote, and the id of the order."""
    items = {"MUG": 1, "BOOK": 1}
    where = {"country": address["country"], "postal_code": address["postal_code"], "shipping_method": "post"}
    quote = quoted(buyer, items, **where)
    body = {
        "items": [{"sku": sku, "quantity": 1} for sku in items],
        "expected_total": quote["totals"]["total"],
        "email": "zebulon@example.com",
        "shipping_address": address,
        "shipping_method": "post",
    }
    placed = buyer.post("/orders", body)
    assert placed.status_code == 201, placed.text
    order_id = str(placed.json["id"])  # type: ignore[index]
    shop.settle()
    assert pays(buyer, order_id, "pm_card_visa").status_code == 200
    shop.settle()
    return quote, order_id


def test_a_taxed_order_is_paid_when_it_is_dispatched_and_invoiced_with_its_tax(split: ShopOnServers) -> None:
    buyer = signs_up(split, "ada@example.com")
    quote, order_id = buys(split, buyer, BERLIN)
    held: Any = buyer.get(f"/orders/{order_id}").json
    payment: Any = buyer.get(f"/payments?order_id={order_id}").json["items"][0]  # type: ignore[index]

    moved(split, order_id, packed(split, order_id, MUG=1), "dispatch")
    split.settle()
    paid: Any = buyer.get(f"/orders/{order_id}").json
    moved(split, order_id, packed(split, order_id), "dispatch")
    split.settle()

    assert (held["status"], payment["status"], bool(payment["capture_before"])) == ("confirmed", "authorized", True)
    assert [quote["totals"][name]["amount"] for name in ("tax", "total")] == [328, 2855]
    assert (paid["status"], paid["tax_lines"], paid["totals"]) == ("paid", quote["tax_lines"], quote["totals"])
    assert code_of(buyer.post(f"/orders/{order_id}/cancel")) == (409, "already_dispatched")
    assert split.captures()[order_id] == 1
    [invoice] = until(lambda: buyer.get(f"/orders/{order_id}/documents").json["items"], "the invoice is issued")
    assert sorted((each["ppm"], each["amount"]["amount"]) for each in invoice["taxes"]) == [
        (70_000, 88),
        (190_000, 240),
    ]
    assert split.parked() == 0
    assert_consistent(split)


def test_a_business_abroad_pays_no_tax_and_cancels_what_is_held(split: ShopOnServers) -> None:
    buyer = signs_up(split, "eve@example.com")
    assert buyer.post("/tax-ids", {"country": "AT", "number": "U87654321"}).status_code == 201
    split.settle()  # orders asks the verifier

    quote, order_id = buys(split, buyer, VIENNA)
    assert buyer.post(f"/orders/{order_id}/cancel").status_code == 200
    split.settle()

    assert [quote["totals"][name]["amount"] for name in ("tax", "total")] == [0, 2500]
    assert {each["reason"] for each in quote["tax_lines"]} == {"intra_community_supply"}
    payment: Any = buyer.get(f"/payments?order_id={order_id}").json["items"][0]  # type: ignore[index]
    assert (buyer.get(f"/orders/{order_id}").json["status"], payment["status"]) == ("cancelled", "cancelled")  # type: ignore[index]
    assert order_id not in split.captures()
    assert_consistent(split)
