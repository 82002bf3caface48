"""Steps that many tests of catalog share: what staff and customers do, and the events of the orders module."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from app.bus.contracts import orders
from app.kernel.ids import new_id
from app.modules.catalog.infrastructure.search.elasticsearch import ElasticsearchSearch
from tests.conftest import until
from tests.shop import ALICE, Shop

EUR = "EUR"


def euros(cents: int) -> dict[str, Any]:
    """A price as JSON."""
    return {"amount": cents, "currency": EUR}


def code_of(answer: Any) -> tuple[int, str]:
    """The HTTP status of an error response, and its code."""
    return answer.status_code, answer.json["code"]


def adds(shop: Shop, name: str = "Enamel mug", *skus: str, cents: int = 900, **more: Any) -> TestResponse:
    """Staff add a product, with one variant for each sku."""
    variants = [{"sku": sku, "price": euros(cents)} for sku in skus]
    return shop.as_staff().post("/products", {"name": name, "variants": variants, **more})


def added(shop: Shop, name: str = "Enamel mug", *skus: str, cents: int = 900, **more: Any) -> Any:
    """Staff add a product; returns its JSON."""
    answer = adds(shop, name, *skus, cents=cents, **more)
    assert answer.status_code == 201, answer.text
    return answer.json


def looks_at(shop: Shop, ref: str) -> Any:
    """The JSON of a product as guests see it."""
    answer = shop.as_guest().get(f"/products/{ref}")
    assert answer.status_code == 200, answer.text
    return answer.json


def changes(shop: Shop, ref: str, change: Mapping[str, Any]) -> TestResponse:
    """Staff change a product that they have just read."""
    tag = shop.as_guest().get(f"/products/{ref}").headers["ETag"]
    return shop.as_staff().patch(f"/products/{ref}", change, headers={"If-Match": tag})


def changes_variant(shop: Shop, ref: str, sku: str, change: Mapping[str, Any]) -> TestResponse:
    """Staff change a variant that they have just read."""
    [version] = [each["version"] for each in looks_at(shop, ref)["variants"] if each["sku"] == sku]
    tag = f'"v{version}"'
    return shop.as_staff().patch(f"/products/{ref}/variants/{sku}", change, headers={"If-Match": tag})


def shelves(shop: Shop, slug: str, parent: str | None = None, name: str | None = None) -> TestResponse:
    """Staff add a category."""
    return shop.as_staff().post("/categories", {"slug": slug, "name": name or slug.title(), "parent": parent})


def moves(shop: Shop, sku: str, kind: str, quantity: int, key: str | None = None) -> TestResponse:
    """Staff record a movement of stock."""
    body = {"kind": kind, "quantity": quantity, "reason": "delivery 7"}
    return shop.as_staff().post(f"/stock/{sku}/movements", body, key=key)


def stocks(shop: Shop, **quantities: int) -> None:
    """Add one product for each sku, with this quantity on hand."""
    for sku, quantity in quantities.items():
        added(shop, sku.title(), sku)
        assert moves(shop, sku, "received", quantity).status_code == 201


def stock_of(shop: Shop, sku: str) -> tuple[int, int]:
    """The units on hand and held, as staff see them."""
    level: Any = shop.as_staff().get(f"/stock/{sku}").json
    assert level["available"] == level["on_hand"] - level["held"]
    return level["on_hand"], level["held"]


def explained(shop: Shop, sku: str) -> Any:
    """The explanation of a sku's stock, as JSON."""
    return shop.as_staff().get(f"/stock/{sku}/explain").json


def placed(order_id: UUID, **quantities: int) -> orders.OrderPlaced:
    """The event that an order was placed."""
    total = 900 * sum(quantities.values())
    return orders.OrderPlaced(
        order_id=str(order_id),
        customer_id=str(ALICE),
        lines=[orders.Line(sku=sku, name=sku, quantity=many, unit_price=900) for sku, many in quantities.items()],
        totals=orders.Totals(items=total, shipping=0, tax=0, discount=0, total=total),
        currency=EUR,
        version=1,
    )


def confirmed(order_id: UUID) -> orders.OrderConfirmed:
    """The event that the money of an order is there."""
    return orders.OrderConfirmed(order_id=str(order_id), customer_id=str(ALICE), version=3)


def cancelled(order_id: UUID) -> orders.OrderCancelled:
    """The event that an order was cancelled."""
    return orders.OrderCancelled(
        order_id=str(order_id), customer_id=str(ALICE), reason="cancelled_by_customer", version=4
    )


def refunded(order_id: UUID) -> orders.OrderRefunded:
    """The event that a paid order was refunded."""
    return orders.OrderRefunded(order_id=str(order_id), customer_id=str(ALICE), reason="refunded", version=5)


def order(shop: Shop, **quantities: int) -> UUID:
    """catalog consumes the event of a new order; returns the id of the order."""
    order_id = new_id()
    shop.receives(placed(order_id, **quantities))
    return order_id


def works_off(shop: Shop) -> None:
    """Wait until all jobs are done, also those that are due later: levels are published after a pause."""

    def nothing_waits() -> bool:
        shop.settle()
        with shop.modules["catalog"].database.read() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one() == 0

    until(nothing_waits, "no job waits")


def search_of(shop: Shop) -> Any:
    """The search of a shop."""
    return shop.modules["catalog"].degraded["search"].__self__  # type: ignore[attr-defined]


def finds(shop: Shop, **asked: Any) -> Any:
    """A list of products as guests get it; the argument `attr_x` stands for attr.x."""
    search = search_of(shop)
    query = {name.replace("attr_", "attr."): value for name, value in asked.items()}

    def answered() -> Any:
        trouble = (search.trouble() or "") if isinstance(search, ElasticsearchSearch) else ""
        if isinstance(search, ElasticsearchSearch) and not trouble:
            search.refresh()  # otherwise it may take a second until indexed products are found
        answer: Any = shop.as_guest().get("/products", query_string=query)
        assert answer.status_code == 200, answer.text
        # on a busy machine Elasticsearch may exceed the timeout of a customer; without an index it stays degraded
        too_slow = "degraded" in answer.json and "is lost" not in (search.trouble() or "")
        unrefreshed = "does not answer" in trouble and "degraded" not in answer.json
        return None if too_slow or unrefreshed else answer.json

    return until(answered, "Elasticsearch answers in time")


def has_index(shop: Shop) -> None:
    """Run the schedule that looks for a lost index every few seconds, and the job that builds it."""
    (looks,) = shop.modules["catalog"].schedules
    looks.run()
    shop.settle()


def names(found: Any) -> list[str]:
    """The names on a page of a list."""
    return [each["name"] for each in found["items"]]


def assortment(shop: Shop) -> None:
    """Five products, four of them in three categories."""
    shelves(shop, "kitchen")
    shelves(shop, "mugs", "kitchen")
    shelves(shop, "desk")
    blue, red = {"colour": "blue"}, {"colour": "red"}
    enamel = [
        {"sku": "MUG-S", "name": "Small", "price": euros(900), "attributes": {**blue, "size": "s"}},
        {"sku": "MUG-L", "name": "Large", "price": euros(1400), "attributes": {**red, "size": "l"}},
    ]
    added(shop, "Enamel mug", variants=enamel, category="mugs", description="Keeps coffee hot.")
    added(shop, "Café cup", "CUP", cents=700, category="mugs", attributes={**blue, "material": "glass"})
    added(shop, "Steel pan", "PAN", cents=4900, category="kitchen", attributes=red, description="Not a mug.")
    added(shop, "Notebook", "NTB", cents=700, category="desk", attributes=blue)
    added(shop, "Über pen", "PEN", cents=300)
    moves(shop, "MUG-L", "received", 1)
    moves(shop, "NTB", "received", 5)
    shop.settle()
