"""A form that is saved as it was shown changes nothing: what it does not show stays as it is."""

from typing import Any

from app.kernel.money import Money
from tests.desk.steps import Desk
from tests.journeys.steps import places

ADDRESS = {
    "name": "Ada Lovelace",
    "company": "Engines & Co",
    "line1": "Hauptstr. 1",
    "line2": "2nd floor",
    "city": "Berlin",
    "region": "Berlin",
    "postal_code": "10117",
    "country": "DE",
    "phone": "+49 30 1234-5",
}


def saved(desk: Desk, page: str, action: str, path: str, **required: str) -> tuple[Any, Any]:
    """What the API shows before and after, without the version."""
    before = seen(desk, path)
    answer = desk.browser("staff").sends(page, action, **required)
    assert answer.status_code == 303, answer.text
    return without_version(before), without_version(seen(desk, path))


def seen(desk: Desk, path: str) -> Any:
    answer = desk.shop.as_staff().get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def without_version(shown: Any) -> Any:
    if isinstance(shown, list):
        return [without_version(each) for each in shown]
    if isinstance(shown, dict):
        return {name: without_version(each) for name, each in shown.items() if name not in {"version", "updated_at"}}
    return shown


def test_a_product_with_its_pictures_and_a_variant(desk: Desk) -> None:
    url = "https://media.example/a.jpg"
    new = {
        "name": "A jar  with lids",
        "description": "\tFirst line\n\n  second line",
        "category": "mugs",
        "attributes": {"Größe": "30 cm"},
        "media": [
            {"url": url, "alt": "A jar,  open", "width": 800, "height": 600},
            {"url": url, "alt": "", "width": 80, "height": 60},
            {"url": "https://media.example/b.jpg", "alt": "b"},
        ],
        "on_sale": False,
        "external_reference": "ERP-JAR",
        "metadata": {"shelf": "7"},
        "variants": [
            {
                "sku": "JAR/1",
                "name": "large",
                "price": {"amount": 1090, "currency": "EUR"},
                "attributes": {"Color": "blue"},
                "on_sale": False,
                "weight_g": 300,
                "ships": False,
                "tax_category": "books",
                "external_reference": "ERP-JAR-1",
                "metadata": {"shelf": "8"},
            }
        ],
    }
    made: Any = desk.shop.as_staff().post("/products", new).json
    page = f"/desk/catalog/products/{made['id']}"

    for action in (page, f"{page}/variants/JAR%2F1"):
        for path in (f"/products/{made['id']}/record", f"/products/{made['id']}"):
            before, after = saved(desk, page, action, path)
            assert after == before


def test_a_picture_that_is_new_moved_or_described_anew(desk: Desk) -> None:
    media = [{"url": f"https://media.example/{each}.jpg", "alt": each, "width": 8, "height": 6} for each in "ab"]
    variant = {"sku": "VASE", "price": {"amount": 900, "currency": "EUR"}}
    made: Any = desk.shop.as_staff().post("/products", {"name": "Vase", "media": media, "variants": [variant]}).json
    page = f"/desk/catalog/products/{made['id']}"

    lines = "https://media.example/b.jpg a vase\r\nhttps://media.example/c.jpg\r\nhttps://media.example/a.jpg a"
    answer = desk.browser("staff").sends(page, page, media=lines)
    shown: Any = desk.shop.as_guest().get(f"/products/{made['id']}").json

    assert answer.status_code == 303
    assert [(each["url"][-5], each["alt"], each["width"]) for each in shown["media"]] == [
        ("b", "a vase", 8),
        ("c", "", None),
        ("a", "a", 8),
    ]


def test_a_promotion(desk: Desk) -> None:
    new = {
        "id": "everything",
        "name": "Mugs for less",
        "kind": "buy_get",
        "automatic": True,
        "ppm": 125_000,
        "buy": {"skus": ["A  B", "MUG"], "categories": ["mugs"]},
        "buy_quantity": 2,
        "get_quantity": 1,
        "target": {"products": [desk.product()]},
        "min_items": [{"amount": 1000, "currency": "EUR"}, {"amount": 1000, "currency": "JPY"}],
        "max_discount": [{"amount": 5, "currency": "EUR"}, {"amount": 5, "currency": "JPY"}],
        "min_quantity": 1,
        "ship_to": ["DE", "AT"],
        "first_order": True,
        "starts_at": "2026-12-01T00:00:00.123456Z",
        "ends_at": "2026-12-27T23:59:59Z",
        "priority": 3,
        "combines": "alone",
        "total_limit": 500,
        "per_customer_limit": 1,
        "reason": "a season",
    }
    made = desk.shop.as_staff().post("/promotions", new)
    assert made.status_code == 201, made.text
    page = "/desk/orders/promotions/everything"

    before, after = saved(desk, page, page, "/promotions/everything", reason="a look")

    assert after == before


def test_a_zone_a_method_and_its_rates(desk: Desk) -> None:
    staff = desk.shop.as_staff()
    areas = [
        {"country": "ES", "postal_prefix": "35"},
        {"country": "DE", "postal_from": "10000", "postal_to": "19999"},
        {"country": "US", "region": "CA"},
        {"country": "CA", "postal_prefix": "K1A"},
    ]
    zone = {"id": "far", "name": "Far  away", "priority": 7, "areas": areas, "reason": "we ship there"}
    assert staff.post("/shipping/zones", zone).status_code == 201
    method = {
        "code": "far",
        "name": "Far",
        "zone_id": "far",
        "carrier": "DHL",
        "tracking_url": "https://dhl.example/?id={number}",
        "min_days": 2,
        "max_days": 9,
        "tax_category": "proportional",
        "reason": "a carrier",
    }
    made = staff.post("/shipping/methods", method)
    assert made.status_code == 201, made.text
    rates = [
        {"currency": "EUR", "from": 0, "below": 5000, "amount": 490},
        {"currency": "EUR", "from": 5000, "amount": 0},
        {"currency": "JPY", "from": 0, "amount": 900},
        {"currency": "KWD", "from": 0, "amount": 1250},
    ]
    for by in ("price", "weight"):
        tag = staff.get("/shipping/methods/far").headers["ETag"]
        body = {"by": by, "rates": rates, "reason": "new rates"}
        replaced = staff.put("/shipping/methods/far/rates", body, headers={"If-Match": tag})
        assert replaced.status_code == 200, replaced.text
        for page, action, path in (
            ("/desk/orders/shipping/zones/far", "/desk/orders/shipping/zones/far", "/shipping/zones/far"),
            ("/desk/orders/shipping/methods/far", "/desk/orders/shipping/methods/far", "/shipping/methods/far"),
            ("/desk/orders/shipping/methods/far", "/desk/orders/shipping/methods/far/rates", "/shipping/methods/far"),
        ):
            before, after = saved(desk, page, action, path, reason="a look")
            assert after == before


def test_the_address_of_an_order(desk: Desk) -> None:
    order = places(desk.shop, desk.alice, "MUG", 1, Money(900, "EUR"))
    here = f"/desk/orders/{order}"
    changed = desk.shop.as_staff().patch(
        f"/orders/{order}/address",
        {"email": "ada@münchen.de", "shipping_address": ADDRESS, "billing_address": ADDRESS, "reason": "she asked"},
    )
    assert changed.status_code == 200, changed.text

    before, after = saved(desk, here, f"{here}/address", f"/orders/{order}/address", reason="a look")

    assert after == before
