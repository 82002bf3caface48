"""Movements of stock that staff record, and the ledger."""

import threading
from typing import Any

import pytest

from app.bus.contracts.catalog import StockLevelChanged
from app.jobs.worker import Worker
from tests.catalog.steps import added, cancelled, code_of, confirmed, moves, order, stock_of, stocks, works_off
from tests.conftest import until
from tests.shop import ALICE, BOB, SAM, Shop


def levels(shop: Shop, sku: str = "MUG") -> list[tuple[int, int]]:
    """The available stock and the version of each published level."""
    return [(each.available, each.version) for each in shop.published(StockLevelChanged) if each.sku == sku]


def test_received_goods_are_available_and_add_a_row_to_the_ledger(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    assert stock_of(shop, "MUG") == (0, 0)

    answer = moves(shop, "MUG", "received", 5)

    movement: Any = answer.json
    assert (answer.status_code, movement["kind"], movement["quantity"], movement["who"], movement["reason"]) == (
        201,
        "received",
        5,
        f"user:{SAM}",
        "delivery 7",
    )
    assert stock_of(shop, "MUG") == (5, 0)
    assert shop.as_staff().get("/stock/MUG/movements").json["items"] == [movement]  # type: ignore[index]


def test_guests_see_only_the_available_stock(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order(shop, MUG=2)

    for caller in (shop.as_guest(), shop.as_customer(ALICE)):
        level: Any = caller.get("/stock/MUG").json
        assert (set(level), level["available"]) == ({"sku", "available", "version"}, 3)
        wanted = 401 if not caller.headers else 403
        for path in ("movements", "explain"):
            assert caller.get(f"/stock/MUG/{path}").status_code == wanted
        received = {"kind": "received", "quantity": 1, "reason": "x"}
        assert caller.post("/stock/MUG/movements", received).status_code == wanted
    assert stock_of(shop, "MUG") == (5, 2)


def test_a_repeated_movement_counts_once_and_gets_the_same_answer(shop: Shop) -> None:
    added(shop, "Mug", "MUG")

    first, again = moves(shop, "MUG", "received", 5, key="a"), moves(shop, "MUG", "received", 5, key="a")

    assert (again.status_code, again.json) == (201, first.json)
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert stock_of(shop, "MUG") == (5, 0)


def test_a_key_used_for_another_movement_is_refused(shop: Shop) -> None:
    stocks(shop, PEN=1)
    added(shop, "Mug", "MUG")
    moves(shop, "MUG", "received", 5, key="a")

    assert code_of(moves(shop, "MUG", "received", 6, key="a")) == (422, "idempotency_key_reused")
    assert code_of(moves(shop, "PEN", "received", 5, key="a")) == (422, "idempotency_key_reused")
    assert (stock_of(shop, "MUG"), stock_of(shop, "PEN")) == ((5, 0), (1, 0))


def test_keys_belong_to_the_client_that_sent_them(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    body = {"kind": "received", "quantity": 5, "reason": "x"}

    for staff in (shop.as_staff(), shop.as_staff(BOB)):
        assert staff.post("/stock/MUG/movements", body, key="a").status_code == 201

    assert stock_of(shop, "MUG") == (10, 0)


def test_a_refused_movement_may_be_tried_again_under_its_key(shop: Shop) -> None:
    stocks(shop, MUG=2)

    assert code_of(moves(shop, "MUG", "adjusted", -3, key="a")) == (409, "not_enough_stock")
    moves(shop, "MUG", "received", 1)
    assert moves(shop, "MUG", "adjusted", -3, key="a").status_code == 201
    assert stock_of(shop, "MUG") == (0, 0)


def test_a_movement_needs_a_key(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    body = {"kind": "received", "quantity": 5, "reason": "x"}

    for key in ("", "k" * 256):
        answer = shop.as_staff().post("/stock/MUG/movements", body, headers={"Idempotency-Key": key})
        assert code_of(answer) == (400, "idempotency_key_missing")
    assert stock_of(shop, "MUG") == (0, 0)


def test_concurrent_copies_of_a_request_count_once(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    start, answers = threading.Barrier(6), []

    def receive() -> None:
        start.wait()
        answers.append(moves(shop, "MUG", "received", 5, key="a"))

    twins = [threading.Thread(target=receive) for _ in range(6)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()

    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert stock_of(shop, "MUG") == (5, 0)


def test_units_that_orders_hold_cannot_be_removed_and_the_holds_are_listed(shop: Shop) -> None:
    stocks(shop, MUG=5)
    first, second = order(shop, MUG=1), order(shop, MUG=2)

    answer = moves(shop, "MUG", "adjusted", -3)

    problem: Any = answer.json
    assert (code_of(answer), problem["available"]) == ((409, "not_enough_stock"), 2)
    assert problem["holds"] == [
        {"order_id": str(first), "quantity": 1},
        {"order_id": str(second), "quantity": 2},
    ]
    assert moves(shop, "MUG", "adjusted", -2).status_code == 201
    assert stock_of(shop, "MUG") == (3, 3)


@pytest.mark.parametrize("over", [cancelled, confirmed])
def test_an_order_that_holds_nothing_any_more_is_not_listed(shop: Shop, over: Any) -> None:
    stocks(shop, MUG=5)
    gone, open_one = order(shop, MUG=1), order(shop, MUG=2)
    shop.receives(over(gone))

    problem: Any = moves(shop, "MUG", "adjusted", -5).json

    assert [each["order_id"] for each in problem["holds"]] == [str(open_one)]


def test_the_ledger_is_read_in_pages_newest_first_while_it_grows(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    for quantity in range(1, 8):
        moves(shop, "MUG", "received", quantity)
    staff, path = shop.as_staff(), "/api/v1/stock/MUG/movements?limit=3"

    pages = []
    while path:
        answer = staff.get(path)
        pages.append([each["quantity"] for each in answer.json["items"]])  # type: ignore[index]
        moves(shop, "MUG", "received", 100)
        path = answer.headers["Link"].split(">")[0].removeprefix("<") if answer.json["next"] else ""  # type: ignore[index]

    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


def test_levels_that_change_in_quick_succession_are_published_once(shop: Shop) -> None:
    added(shop, "Mug", "MUG")
    for _ in range(4):
        moves(shop, "MUG", "received", 5)
    order_id = order(shop, MUG=3)

    works_off(shop)

    assert levels(shop) == [(17, 5)]
    shop.receives(cancelled(order_id))
    works_off(shop)
    assert levels(shop) == [(17, 5), (20, 6)]


def test_a_sale_of_held_units_does_not_change_the_available_stock(shop: Shop) -> None:
    stocks(shop, MUG=5)
    order_id = order(shop, MUG=2)
    works_off(shop)
    assert levels(shop) == [(3, 2)]

    shop.receives(confirmed(order_id))

    works_off(shop)
    assert levels(shop) == [(3, 2)]


def test_a_level_that_changes_while_it_is_published_is_published_again(shop: Shop) -> None:
    stocks(shop, MUG=5)
    module = shop.modules["catalog"]
    publish_level = module.tasks["level"]

    def publish_and_be_too_late(sku: str) -> None:
        publish_level(sku)
        moves(shop, sku, "received", 1)

    worker = Worker("catalog", module.database, {**module.tasks, "level": publish_and_be_too_late})
    until(lambda: worker.run_once() and levels(shop), "the level is published")
    works_off(shop)

    assert levels(shop) == [(5, 1), (6, 2)]
