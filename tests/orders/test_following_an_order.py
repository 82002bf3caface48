"""Who sees which orders; pages, ETags, and the timeline of an order."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts import catalog, payments
from app.kernel.ids import new_id
from app.modules.orders.module import orders
from app.modules.orders.schedules import sweep_timelines
from tests.orders.steps import MUG, PAYMENT, later, order_in, places, published_about, receives, status_of, timeline_of
from tests.orders.test_stuck_orders import stuck
from tests.shop import ALICE, BOB, Shop


def test_another_customers_order_is_not_found(shop: Shop) -> None:
    order_id, bob = places(shop, shop.as_customer(ALICE)), shop.as_customer(BOB)

    answers = [
        bob.get(f"/orders/{order_id}"),
        bob.get(f"/orders/{order_id}/timeline"),
        bob.post(f"/orders/{order_id}/cancel"),
        bob.get(f"/orders/{new_id()}"),
    ]

    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [  # type: ignore[index]
        (404, "no_such_order")
    ] * 4
    assert published_about(shop, order_id) == ["order_placed"]


@pytest.mark.parametrize("path", ["/orders", "/orders/{id}", "/orders/{id}/timeline"])
def test_guests_see_no_orders(shop: Shop, path: str) -> None:
    order_id = places(shop, shop.as_customer(ALICE))

    assert shop.as_guest().get(path.format(id=order_id)).status_code == 401


def test_an_unchanged_order_is_not_sent_again(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = places(shop, alice)
    tag = alice.get(f"/orders/{order_id}").headers["ETag"]

    same = alice.get(f"/orders/{order_id}", headers={"If-None-Match": tag})
    receives(shop, order_id, "stock_reserved")
    changed = alice.get(f"/orders/{order_id}", headers={"If-None-Match": tag})

    assert (same.status_code, same.data) == (304, b"")
    assert (changed.status_code, changed.json["status"]) == (200, "awaiting_payment")  # type: ignore[index]
    assert changed.headers["ETag"] != tag


def test_orders_come_in_pages_the_newest_first_each_once(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    placed = [places(shop, alice) for _ in range(5)]
    places(shop, shop.as_customer(BOB))

    seen, path = [], "/orders?limit=2"
    while path:
        page: Any = alice.get(path).json
        seen += [order["id"] for order in page["items"]]
        path = f"/orders?limit=2&cursor={page['next']}" if page["next"] else ""

    assert seen == placed[::-1]


def test_an_order_placed_between_two_pages_shifts_no_page(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    placed = [places(shop, alice) for _ in range(3)]
    first: Any = alice.get("/orders?limit=1").json
    places(shop, alice)

    second: Any = alice.get(f"/orders?limit=1&cursor={first['next']}").json

    assert [order["id"] for order in second["items"]] == [placed[1]]


def test_staff_see_everybodys_by_customer_and_by_status(shop: Shop) -> None:
    alices, bobs = places(shop, shop.as_customer(ALICE)), order_in(shop, shop.as_customer(BOB), "paid")
    sam = shop.as_staff()

    def ids(query: str) -> list[str]:
        answer: Any = sam.get(f"/orders{query}").json
        return [order["id"] for order in answer["items"]]

    assert ids("") == [bobs, alices]
    assert ids(f"?customer_id={ALICE}") == [alices]
    assert ids("?status=paid") == [bobs]
    assert ids(f"?status=paid&customer_id={ALICE}") == []


def test_a_customer_may_filter_by_status_but_not_by_another_customer(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    placed, _paid = places(shop, alice), order_in(shop, alice, "paid")

    mine: Any = alice.get("/orders?status=placed").json
    others = alice.get(f"/orders?customer_id={BOB}")

    assert [order["id"] for order in mine["items"]] == [placed]
    assert (others.status_code, others.json["code"]) == (403, "role_missing")  # type: ignore[index]


@pytest.mark.parametrize(
    "query", ["status=gone", "customer_id=1", "limit=0", "limit=101", "cursor=x", "cursor=WyJ4Il0"]
)
def test_nonsense_in_a_query_is_refused(shop: Shop, query: str) -> None:
    assert shop.as_staff().get(f"/orders?{query}").status_code == 422


def test_the_timeline_has_what_every_module_did(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = places(shop, alice)
    about: dict[str, Any] = {"order_id": order_id, "version": 1}
    money: dict[str, Any] = {"payment_id": PAYMENT, "amount": 1800, "currency": "EUR"}

    receives(shop, order_id, "stock_reserved")
    shop.receives(payments.PaymentStarted(**about, **money))
    receives(shop, order_id, "payment_failed", "payment_authorized")
    shop.receives(catalog.StockSold(**about))
    receives(shop, order_id, "payment_captured")
    shop.receives(payments.PaymentRefunded(**about, **{**money, "amount": 300}, refunded=300, captured=1800))
    alice.post(f"/orders/{order_id}/cancel")
    shop.receives(catalog.StockReturned(**about))
    shop.receives(payments.PaymentRefunded(**about, **{**money, "amount": 1500}, refunded=1800, captured=1800))

    assert timeline_of(alice, order_id) == [
        "orders: placed",
        "catalog: stock_reserved",
        "orders: awaiting_payment",
        "payments: payment_started",
        "payments: payment_failed",
        "payments: payment_authorized",
        "orders: confirmed",
        "catalog: stock_sold",
        "payments: payment_captured",
        "orders: paid",
        "payments: partial_refund",
        "orders: cancel",
        "orders: refunded",
        "catalog: stock_returned",
        "payments: full_refund",
    ]
    timeline: Any = alice.get(f"/orders/{order_id}/timeline").json
    assert timeline["items"][4]["detail"] == {"code": "generic_decline"}
    assert timeline["items"][-1]["detail"] == {"amount": 1500, "currency": "EUR", "refunded": 1800, "ignored": True}


def test_the_timeline_names_the_request_that_caused_an_entry(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice = shop.as_customer(ALICE)
    order: Any = alice.orders({"MUG": 2}, MUG * 2).json
    cancelled = alice.post(f"/orders/{order['id']}/cancel", headers={"X-Request-Id": "cancel-1"})

    timeline: Any = alice.get(f"/orders/{order['id']}/timeline").json

    assert cancelled.status_code == 200
    assert timeline["items"][-1]["request_id"] == cancelled.headers.get("X-Request-Id")


def test_released_stock_and_a_cancelled_payment_are_in_the_timeline(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "awaiting_payment")
    alice.post(f"/orders/{order_id}/cancel")

    shop.receives(catalog.StockReleased(order_id=order_id, version=2))
    shop.receives(payments.PaymentCancelled(order_id=order_id, payment_id=PAYMENT, version=2))

    assert timeline_of(alice, order_id)[-2:] == ["catalog: stock_released", "payments: payment_cancelled"]


def test_a_repeated_cancel_gets_the_same_response_and_publishes_one_event(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = places(shop, alice)

    first, again = (alice.post(f"/orders/{order_id}/cancel") for _ in range(2))

    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert first.json["reason"] == "cancelled_by_customer"  # type: ignore[index]
    assert published_about(shop, order_id) == ["order_placed", "order_cancelled"]
    assert timeline_of(alice, order_id) == ["orders: placed", "orders: cancel", "orders: cancelled"]


def test_staff_cannot_cancel_a_customers_order_without_a_reason(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    order_id = order_in(shop, alice, "paid")

    for role in ("staff", "admin"):
        answer: Any = shop.as_staff(role=role).post(f"/orders/{order_id}/cancel")
        assert (answer.status_code, answer.json["code"]) == (403, "use_operations")
        assert answer.json["operation"] == f"POST /api/v1/ops/orders/{order_id}/cancel"

    assert status_of(alice, order_id) == "paid"


def test_staff_cancel_their_own_orders_as_customers_do(shop: Shop) -> None:
    sam = shop.as_staff()
    order_id = order_in(shop, sam, "paid")

    answer: Any = sam.post(f"/orders/{order_id}/cancel").json

    assert (answer["status"], answer["reason"]) == ("refunded", "cancelled_by_customer")


@pytest.mark.parametrize("days", ["30", "0"])
def test_the_timeline_of_a_finished_order_is_kept_as_long_as_the_shop_wants(tmp_path: Path, days: str) -> None:
    with closing(Shop(tmp_path, orders, TIMELINE_DAYS=days)) as shop:
        alice = shop.as_customer(ALICE)
        shop.offers("MUG", MUG)
        finished, unfinished = order_in(shop, alice, "cancelled"), order_in(shop, alice, "confirmed")
        before = timeline_of(alice, unfinished), timeline_of(alice, finished)

        assert sweep_timelines(lambda: later(shop, timedelta(days=29))) == 0
        assert (timeline_of(alice, unfinished), timeline_of(alice, finished)) == before
        sweep_timelines(lambda: later(shop, timedelta(days=31)))

        assert timeline_of(alice, unfinished) == before[0]
        assert timeline_of(alice, finished) == (before[1] if days == "0" else before[1][:1]), (
            "when it was placed, the order knows"
        )
        assert alice.get(f"/orders/{finished}").status_code == 200


def test_what_the_list_of_stuck_orders_reads_is_kept(tmp_path: Path) -> None:
    with closing(Shop(tmp_path, orders, TIMELINE_DAYS="30")) as shop:
        order_id = order_in(shop, shop.as_customer(ALICE), "paid")
        receives(shop, order_id, "stock_rejected")  # a paid order has its stock: the event is parked
        runner = shop.app.test_cli_runner()
        runner.invoke(args=["bus", "parked", "discard", "orders/1", "--reason", "its stock was counted by hand"])
        assert order_id in stuck(shop)
        shop.as_staff().post(f"/ops/orders/{order_id}/nudge", {"reason": "it was discarded"})
        assert stuck(shop) == "No order is stuck.\n"

        assert sweep_timelines(lambda: later(shop, timedelta(days=31))) > 0

        assert stuck(shop) == "No order is stuck.\n", "it was nudged, however long ago"
