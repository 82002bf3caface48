"""Steps of the tests of shipments: what staff do with an order."""

from typing import Any

from werkzeug.test import TestResponse

from tests.shop import Caller, Shop

DHL = {"carrier": "DHL", "tracking_number": "00340434161094021501"}


def packs(shop: Shop, order_id: str, key: str | None = None, **units: int) -> TestResponse:
    """Staff pack these units of an order or, without any, all that is left."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    return shop.as_staff().post(f"/orders/{order_id}/shipments", {"lines": lines} if lines else {}, key)


def packed(shop: Shop, order_id: str, **units: int) -> str:
    """Staff pack these units; returns the shipment's id."""
    answer = packs(shop, order_id, **units)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])  # type: ignore[index]


def moves(shop: Shop, order_id: str, shipment_id: str, how: str, body: Any = None) -> TestResponse:
    """Staff dispatch or unpack a shipment, or note that it was delivered or lost."""
    body = DHL if how == "dispatch" and body is None else body
    return shop.as_staff().post(f"/orders/{order_id}/shipments/{shipment_id}/{how}", body)


def moved(shop: Shop, order_id: str, shipment_id: str, how: str) -> Any:
    answer = moves(shop, order_id, shipment_id, how)
    assert answer.status_code == 200, answer.text
    return answer.json


def shipments_of(caller: Caller, order_id: str) -> Any:
    answer: Any = caller.get(f"/orders/{order_id}/shipments")
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def counts_of(caller: Caller, order_id: str) -> dict[str, tuple[int, int, int, int]]:
    """Of each SKU: how many units were ordered, cancelled, packed, dispatched."""
    lines: Any = caller.get(f"/orders/{order_id}").json["lines"]  # type: ignore[index]
    names = ("quantity", "cancelled", "packed", "dispatched")
    return {each["sku"]: tuple(each[name] for name in names) for each in lines}


def fulfilment_of(caller: Caller, order_id: str) -> str:
    return str(caller.get(f"/orders/{order_id}").json["fulfilment"])  # type: ignore[index]


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]  # type: ignore[index]
