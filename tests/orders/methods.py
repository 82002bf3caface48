"""Steps of the tests of shipping: what staff set up, and what customers send."""

from typing import Any

from werkzeug.test import TestResponse

from app.bus.contracts.catalog import OfferChanged
from app.kernel.ids import new_id
from tests.shop import Caller, Shop

WHY = {"reason": "a new carrier"}
V1, V2, V3 = ({"If-Match": f'"v{n}"'} for n in (1, 2, 3))
BERLIN = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
PARIS = {"name": "Ada", "line1": "1 rue de Rivoli", "city": "Paris", "postal_code": "75001", "country": "FR"}
FREE_ABOVE_50 = [
    {"currency": "EUR", "from": 0, "below": 5000, "amount": 490},
    {"currency": "EUR", "from": 5000, "amount": 0},
]
FLAT = [{"currency": "EUR", "from": 0, "amount": 490}]


def sells(
    shop: Shop,
    sku: str,
    price: int,
    weight_g: int = 0,
    ships: bool = True,
    version: int = 1,
    tax_category: str = "standard",
) -> None:
    """Deliver an offer in euros, as if catalog had published it."""
    about = {"sku": sku, "product_id": str(new_id()), "name": sku.title(), "price": price, "currency": "EUR"}
    more: dict[str, Any] = {"weight_g": weight_g, "ships": ships, "version": version, "revision": 1}
    more["tax_category"] = tax_category
    shop.receives(OfferChanged(**about, on_sale=True, **more))  # type: ignore[arg-type]


def zone(shop: Shop, id: str, *areas: Any, **more: Any) -> TestResponse:
    """Staff add a zone; an area that is a text is a country."""
    given = [{"country": each} if isinstance(each, str) else each for each in areas]
    return shop.as_staff().post("/shipping/zones", {"id": id, "name": id.title(), "areas": given, **more, **WHY})


def method(shop: Shop, code: str, zone_id: str | None, **more: Any) -> TestResponse:
    """Staff add a method."""
    body = {"code": code, "name": code.title(), "zone_id": zone_id, **more, **WHY}
    return shop.as_staff().post("/shipping/methods", body)


def rates(shop: Shop, code: str, rates: Any, tag: dict[str, str] = V1, by: str = "price") -> TestResponse:
    """Staff replace the rates of a method."""
    return shop.as_staff().put(f"/shipping/methods/{code}/rates", {"by": by, "rates": rates, **WHY}, headers=tag)


def offers(shop: Shop, code: str, zone_id: str | None, bands: Any = FLAT, by: str = "price", **more: Any) -> None:
    """Staff add a method with rates, and activate it: it has version 3 then."""
    for answer in (
        method(shop, code, zone_id, **more),
        rates(shop, code, bands, by=by),
        shop.as_staff().patch(f"/shipping/methods/{code}", {"active": True, **WHY}, headers=V2),
    ):
        assert answer.status_code in {200, 201}, answer.text


def refusal(answer: TestResponse) -> tuple[int, str]:
    problem: Any = answer.json
    return answer.status_code, problem["code"]


def trail(shop: Shop) -> list[tuple[str, str, str]]:
    """What staff did to shipping, to what, and why; the oldest first."""
    found: Any = shop.as_staff().get("/ops/orders/operations").json
    return [(each["what"], each["subject"], each["why"]) for each in reversed(found["items"])]


def quoted(caller: Caller, items: dict[str, int], **more: Any) -> Any:
    """The JSON of a quote."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
    answer = caller.post("/cart/quote", {"items": lines, **more})
    assert answer.status_code == 200, answer.text
    return answer.json
