"""Steps of the tests of promotions: what staff set up, and what customers do with codes."""

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.kernel.ids import new_id
from app.modules.orders.infrastructure.promotions.tables import coupons, promotions, redemptions, uses
from tests.shop import Caller, Shop

WHY = {"reason": "a test"}
EARLIER = "2020-01-01T00:00:00Z"


def eur(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def promotion(shop: Shop, id: str, kind: str = "fixed_once", **fields: Any) -> TestResponse:
    """Staff create a promotion that is in force; by default 1 euro off."""
    own: dict[str, Any] = {"value": [eur(100)]} if kind.startswith("fixed") else {}
    body = {"id": id, "name": id.title(), "kind": kind, "starts_at": EARLIER, "active": True, **own, **WHY, **fields}
    return shop.as_staff().post("/promotions", body)


def coupon(shop: Shop, code: str, id: str = "", use_limit: int | None = None, **fields: Any) -> None:
    """A promotion in force that needs this code."""
    id = id or code.lower()
    answer = promotion(shop, id, **fields)
    assert answer.status_code == 201, answer.text
    answer = shop.as_staff().post(f"/promotions/{id}/coupons", {"codes": [code], "use_limit": use_limit, **WHY})
    assert answer.status_code == 201, answer.text


def buys(caller: Caller, total: int, *codes: str, sku: str = "MUG", quantity: int = 1, **body: Any) -> TestResponse:
    """Order units of a SKU with these codes, at this total."""
    items = [{"sku": sku, "quantity": quantity}]
    key = body.pop("key", str(new_id()))
    return caller.post("/orders", {"items": items, "expected_total": eur(total), "codes": list(codes), **body}, key)


def ordered(answer: TestResponse) -> Any:
    assert answer.status_code == 201, answer.text
    return answer.json


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]  # type: ignore[index]


def reasons(shown: TestResponse) -> dict[str, Any]:
    """Of a cart or a quote: why each code gives nothing; None: it does."""
    assert shown.status_code == 200, shown.text
    return {each["code"]: each["reason"] for each in shown.json["codes"]}  # type: ignore[index]


def used(shop: Shop, id: str) -> tuple[int, int]:
    """How often a promotion is used, by its counter and by its redemptions."""
    with shop.modules["orders"].database.read() as connection:
        counter = connection.execute(select(promotions.c.used).where(promotions.c.id == id)).scalar_one()
        rows = connection.execute(select(redemptions.c.state).where(redemptions.c.promotion_id == id)).scalars().all()
    return counter, len([state for state in rows if state != "returned"])


def used_by(shop: Shop, id: str) -> dict[Any, int]:
    """The counters of each customer."""
    with shop.modules["orders"].database.read() as connection:
        rows = connection.execute(select(uses.c.customer_id, uses.c.used).where(uses.c.promotion_id == id))
        return {row.customer_id: row.used for row in rows}


def code_used(shop: Shop, code: str) -> int:
    with shop.modules["orders"].database.read() as connection:
        return int(connection.execute(select(coupons.c.used).where(coupons.c.code == code)).scalar_one())
