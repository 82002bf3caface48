"""One purchase is one trace, from the request to the last module, even if no spans are recorded."""

import json
from typing import Any

from sqlalchemy import select

from app.bus import tables
from app.bus.contracts.orders import Line, OrderPlaced, Totals
from app.jobs import tables as jobs
from app.kernel import trace
from app.kernel.context import caused_by
from app.kernel.ids import new_id
from tests.journeys.steps import places
from tests.payments.steps import delivers, event_about, payment_of
from tests.shop import ALICE, Shop
from tests.tracing.buying import MUG, buys_a_mug, sells_mugs
from tests.tracing.conftest import CLIENT, SENT, TRACE

ZERO = dict.fromkeys(("items", "shipping", "tax", "discount", "total"), 0)


def published_since(shop: Shop, before: dict[str, int]) -> dict[str, list[tuple[str, str]]]:
    """By module: type and traceparent of the events that it has published."""
    published = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            rows = connection.execute(select(tables.outbox).where(tables.outbox.c.position > before[name])).all()
        published[name] = [(row.type, json.loads(row.headers)["traceparent"]) for row in rows]
    return published


def how_far(shop: Shop) -> dict[str, int]:
    """By module: the last position of its outbox."""
    last = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            positions = connection.execute(select(tables.outbox.c.position)).scalars().all()
        last[name] = max(positions, default=0)
    return last


def test_all_events_of_a_purchase_are_of_its_trace(shop: Shop) -> None:
    sells_mugs(shop)
    before = how_far(shop)

    buys_a_mug(shop, SENT)

    published = published_since(shop, before)
    kinds = {type for some in published.values() for type, _ in some}
    assert kinds >= {
        "orders.order_placed.v1",
        "catalog.stock_reserved.v1",
        "orders.payment_requested.v1",
        "payments.payment_started.v1",
        "payments.payment_authorized.v1",
        "orders.order_confirmed.v1",
        "catalog.stock_sold.v1",
        "payments.payment_captured.v1",
        "orders.order_paid.v1",
    }
    assert {each for some in published.values() for each in some if each[1] != f"00-{TRACE}-{CLIENT}-01"} == set()


def test_the_orders_timeline_has_the_trace_of_each_step(shop: Shop) -> None:
    sells_mugs(shop)

    customer, order_id = buys_a_mug(shop, SENT)

    timeline: Any = customer.get(f"/orders/{order_id}/timeline").json
    assert timeline["items"][0]["what"] == "placed"
    assert {record["trace_id"] for record in timeline["items"]} == {TRACE}


def test_without_a_trace_of_the_clients_each_request_begins_one_and_its_effects_stay_in_it(shop: Shop) -> None:
    sells_mugs(shop)
    alice = shop.as_customer(ALICE)
    before = how_far(shop)

    first, second = (places(shop, alice, "MUG", 1, MUG, settle=False) for _ in range(2))
    shop.settle()

    published = published_since(shop, before)
    traces = {trace for some in published.values() for _, trace in some}
    assert len(published["catalog"]) >= 2 and len(published["payments"]) >= 2
    assert len(traces) == 2
    assert [trace_of(alice, order) in str(traces) for order in (first, second)] == [True, True]


def trace_of(customer: Any, order_id: str) -> str:
    return str(customer.get(f"/orders/{order_id}/timeline").json["items"][0]["trace_id"])


def test_a_webhook_has_no_trace_and_continues_that_of_the_purchase(shop: Shop) -> None:
    sells_mugs(shop)
    alice = shop.as_customer(ALICE)
    alice.headers |= SENT
    payment = payment_of(shop, places(shop, alice, "MUG", 1, MUG))
    paid_at_stripe = event_about(shop, payment) | {"id": "evt_news"}
    paid_at_stripe["data"]["object"]["status"] = "requires_capture"

    reported = delivers(shop, paid_at_stripe)

    assert reported.status_code == 200, reported.text
    assert reported.headers["traceparent"][3:35] != TRACE
    with shop.modules["payments"].database.read() as connection:
        look = connection.execute(select(jobs.jobs).where(jobs.jobs.c.kind == "look")).one()
    assert look.traceparent == f"00-{TRACE}-{CLIENT}-01"


def test_an_event_without_a_trace_is_handled_and_its_effects_begin_one(shop: Shop) -> None:
    sells_mugs(shop)
    before = how_far(shop)
    line, totals = (
        Line(sku="MUG", name="Mug", quantity=1, unit_price=900),
        Totals(**ZERO | {"items": 900, "total": 900}),
    )
    about: Any = {"order_id": str(new_id()), "customer_id": str(ALICE), "currency": "EUR", "version": 1}
    old = OrderPlaced(lines=[line], totals=totals, **about)

    with caused_by("another", SENT["traceparent"]):  # the thread may have had another trace before
        shop.receives(old)

    published = [each for each in published_since(shop, before)["catalog"] if each[0] == "catalog.stock_reserved.v1"]
    assert [trace.read(each) == each and TRACE not in each for _, each in published] == [True]
