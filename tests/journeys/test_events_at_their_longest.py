"""Every event, with each field at its maximum length, is consumed by every subscriber, on PostgreSQL."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select

from app.bus import tables
from app.bus.contracts.catalog import StockRejected
from app.bus.contracts.orders import CaptureRequested, OrderPlaced, PaymentRequested, RefundRequested
from app.bus.contracts.payments import (
    CaptureFailed,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDisputed,
    PaymentRefunded,
    RefundFailed,
)
from app.bus.contracts.users import SigningKeyPublished
from app.bus.event import Event
from app.kernel import money
from app.kernel.ids import new_id
from app.modules.catalog.controllers.schemas import MAX_WEIGHT
from app.modules.catalog.domain.category import MAX_PATH
from app.modules.catalog.domain.product import DEAREST
from app.modules.catalog.infrastructure import tables as catalog_tables
from app.modules.catalog.module import catalog
from app.modules.orders.infrastructure import tables as orders_tables
from app.modules.orders.module import orders
from app.modules.payments.infrastructure import tables as payments_tables
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.web.root_keys import sign
from app.web.schemas import MAX_ITEM_QUANTITY
from tests.contracts.golden import contracts, schema_of, target
from tests.journeys.steps import places, stocks
from tests.servers import fresh_databases
from tests.shop import ALICE, ROOT, Shop

MAX_INTEGER = 2**31 - 1
PRICE = money.Money(900, "EUR")
WIDEST = "\N{FAMILY}"  # four bytes in UTF-8

CAUSES: dict[type[Event], list[type[Event]]] = {  # the events that must be consumed before an event
    CaptureFailed: [PaymentAuthorized],
    PaymentCaptured: [PaymentAuthorized],
    PaymentRefunded: [PaymentAuthorized, PaymentCaptured],
    RefundFailed: [PaymentAuthorized, PaymentCaptured],
    PaymentDisputed: [PaymentAuthorized, PaymentCaptured],
    RefundRequested: [PaymentAuthorized, PaymentCaptured],
}


def room(column: Any) -> int:
    """The maximum number of characters of a column of the publisher."""
    return int(column.type.length)


PRODUCT, VARIANT = (room(table.c.name) for table in (catalog_tables.products, catalog_tables.variants))
IDS = ("order_id", "payment_id", "refund_id", "product_id", "user_id", "session_id", "kid", "audit", "shipment_id")
AMOUNTS = ("amount", "refunded", "captured", "disputed", "items", "shipping", "tax", "discount", "total")
MAX_LENGTH: dict[str, Any] = {  # by the name of a field
    "sku": "S" * room(catalog_tables.variants.c.sku),
    "name": f"{WIDEST * PRODUCT} – {WIDEST * VARIANT}",
    "currency": "EUR",
    "category": "/".join(["c" * room(catalog_tables.categories.c.slug)] * MAX_PATH),
    "code": "c" * room(payments_tables.payments.c.failure),
    "reason": "r" * room(orders_tables.orders.c.reason),
    "discrepancy": WIDEST * 10_000,
    "status": "awaiting_payment",
    "carrier": WIDEST * room(orders_tables.shipments.c.carrier),
    "tracking_number": WIDEST * room(orders_tables.shipments.c.tracking_number),
    "state": "pending",
    **dict.fromkeys(("deadline", "respond_by"), "2026-01-31T12:00:00.999999+00:00"),
    "public_code": "c" * room(payments_tables.payments.c.failure),
    "algorithm": "EdDSA",
    "signature": "s" * 88,  # in base64
    "public_key": "k" * 10_000,
    "customer_id": str(ALICE),
    **dict.fromkeys(IDS, str(new_id())),
    **dict.fromkeys(("price", "unit_price"), DEAREST),
    **dict.fromkeys(AMOUNTS, money.MAX_AMOUNT),
    "quantity": MAX_ITEM_QUANTITY,
    "weight_g": MAX_WEIGHT,
    "ship_to": "US-TX",
    "tax_category": "t" * room(catalog_tables.variants.c.tax_category),
    "capture": "requested",
    "capture_before": "2026-01-31T12:00:00.999999+00:00",
    "cancelled": MAX_ITEM_QUANTITY,
    **dict.fromkeys(("wanted", "available", "epoch", "version", "revision"), MAX_INTEGER),
    **dict.fromkeys(("on_sale", "ships", "disabled", "retired", "tax_included"), True),
}


def maximal(schema: Mapping[str, Any], whole: Mapping[str, Any], name: str = "") -> Any:
    """The data of a schema at its maximum length. Raises KeyError for a field that MAX_LENGTH does not have."""
    here = target(schema, whole)
    if here.get("type") == "array":
        return [maximal(here["items"], whole, name)]
    if here.get("type") == "object":
        return {name: maximal(field, whole, name) for name, field in here["properties"].items()}
    return MAX_LENGTH[name]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """All modules on PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("longest")
    with fresh_databases("catalog", "orders", "payments", "users") as variables:
        whole = Shop(folder, catalog, orders, payments, users, STRIPE_API_BASE="http://127.0.0.1:9", **variables)
        stocks(whole, "MUG", PRICE, on_hand=1000)
        yield whole
        whole.close()


@pytest.fixture(autouse=True)
def forgets(shop: Shop) -> Iterator[None]:
    """Delete the outbox and parked events after each test, so that they have no effect in the next one."""
    yield
    for module in shop.modules.values():
        with module.database.begin() as connection:
            for table in (tables.outbox, tables.parked, tables.parked_keys):
                connection.execute(delete(table))


@pytest.mark.parametrize("event", contracts().values(), ids=contracts())
def test_every_subscriber_consumes_it(shop: Shop, event: type[Event]) -> None:
    schema = schema_of(event)
    published = maximal(schema, schema)
    if event is CaptureRequested:
        published["amount"] = PRICE.amount  # another amount than the payment's is parked
    if "order_id" in published and event not in {OrderPlaced, PaymentRequested}:
        published["order_id"] = places(
            shop, shop.as_customer(ALICE), "MUG", 1, PRICE, settle=event is not StockRejected
        )

    for earlier in CAUSES.get(event, ()):
        cause = schema_of(earlier)
        shop.receives(
            earlier.from_json(msgspec.json.encode({**maximal(cause, cause), "order_id": published["order_id"]}))
        )

    consumed = event.from_json(msgspec.json.encode(published))
    shop.receives(sign(consumed, ROOT) if isinstance(consumed, SigningKeyPublished) else consumed)

    assert errors(shop) == []


def test_a_product_with_the_longest_names_is_sold_at_its_newest_price(shop: Shop) -> None:
    staff = shop.as_staff()
    big = {"sku": "BIG", "name": "V" * VARIANT, "price": {"amount": 900, "currency": "EUR"}}
    made: Any = staff.post("/products", {"name": "P" * PRODUCT, "variants": [big]}).json
    change = {"price": {"amount": 1000, "currency": "EUR"}}
    staff.patch(f"/products/{made['id']}/variants/BIG", change, headers={"If-Match": '"v1"'})
    shop.settle()

    ordered: Any = shop.as_customer(ALICE).orders({"BIG": 1}, money.Money(1000, "EUR"))

    assert (ordered.status_code, errors(shop)) == (201, [])
    assert ordered.json["lines"][0]["name"] == f"{'P' * PRODUCT} – {'V' * VARIANT}"


def errors(shop: Shop) -> list[str]:
    """The errors of all parked events."""
    found: list[str] = []
    for module in shop.modules.values():
        with module.database.read() as connection:
            found += connection.execute(select(tables.parked.c.error)).scalars()
    return found
