"""Unusual SKUs are one segment of a path, at the modules directly and through the gateway."""

from typing import Any
from urllib.parse import quote

import pytest

from app.kernel.money import Money
from tests.conftest import until
from tests.journeys.steps import signs_up
from tests.shop import Caller, Shop

SKUS = ["A/B", "A/movements", "A", "A/explain", "50%", "a b+c", "Größe", "%2F", "50%25", "x?y#z", "/a//b/", "茶"]
PRICE = {"amount": 900, "currency": "EUR"}


def sells_all(shop: Shop) -> None:
    """Add one product with a variant for each SKU. The SKU at index n has 5 + n units available."""
    staff = shop.as_staff()
    variants = [{"sku": sku, "name": sku, "price": PRICE} for sku in SKUS]
    assert staff.post("/products", {"name": "Everything", "variants": variants}).status_code == 201
    for number, sku in enumerate(SKUS):
        path = f"/stock/{quote(sku, safe='')}/movements"
        received = staff.post(path, {"kind": "received", "quantity": 5 + number, "reason": "delivery"})
        assert (received.status_code, received.json["sku"]) == (201, sku)  # type: ignore[index]
    shop.settle()


def at(caller: Caller, sku: str, path: str) -> Any:
    return caller.get(path.replace("SKU", quote(sku, safe=""))).json


def test_every_sku_works_in_every_path_and_can_be_bought(shop: Shop) -> None:
    sells_all(shop)
    staff, buyer = shop.as_staff(), signs_up(shop, "buyer@example.com")

    for number, sku in enumerate(SKUS):
        assert at(buyer, sku, "/stock/SKU")["available"] == 5 + number
        if sku != "A":  # its ledger has the same path as the SKU A/movements, unless the server passes the raw target
            assert [each["sku"] for each in at(staff, sku, "/stock/SKU/movements")["items"]] == [sku]
            assert at(staff, sku, "/stock/SKU/explain")["on_hand"] == 5 + number
        until(
            lambda sku=sku: buyer.put(f"/cart/items/{quote(sku, safe='')}", {"quantity": 1}).status_code == 200,
            f"orders has consumed the offer of {sku}",
        )
    total = Money(900 * len(SKUS), "EUR")
    placed: Any = buyer.post("/orders", {"expected_total": {"amount": total.amount, "currency": total.currency}}).json
    assert {line["sku"] for line in placed["lines"]} == set(SKUS)


def test_a_variant_is_changed_by_its_path(embedded: Shop) -> None:
    sells_all(embedded)
    staff = embedded.as_staff()

    for sku in SKUS:
        path = f"/products/everything/variants/{quote(sku, safe='')}"
        product = staff.get("/products/everything").json["id"]  # type: ignore[index]
        changed: Any = staff.patch(path.replace("everything", product), {"name": "Other"}, headers={"If-Match": '"v1"'})
        assert (changed.status_code, changed.json["sku"], changed.json["name"]) == (200, sku, "Other")


@pytest.mark.parametrize("sku", ["A/B", "A/movements"])
def test_the_target_in_a_gateways_header_is_used_only_if_it_matches_the_path(embedded: Shop, sku: str) -> None:
    sells_all(embedded)
    path = f"/api/v1/stock/{sku}"
    target = f"/api/v1/stock/{quote(sku, safe='')}"

    def available(reported: str) -> int:
        environ = {"RAW_URI": "", "REQUEST_URI": "", "HTTP_X_ORIGINAL_URI": reported}
        answer: Any = embedded.app.test_client().get(path, environ_overrides=environ)
        return int(answer.json["available"]) if answer.status_code == 200 else 0

    assert available(target) == 5 + SKUS.index(sku)
    assert available("/api/v1/stock/A%2Fexplain") == available("/elsewhere")
