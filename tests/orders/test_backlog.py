"""New orders are refused while many wait for their stock, and only while the bus moves orders on."""

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderPlaced
from app.kernel.errors import Unavailable
from app.modules.orders.domain.policies.backlog import MIN_REFUSED, Backlog
from app.modules.orders.infrastructure import backlog
from tests.orders.steps import MUG, PATH_TO, receives
from tests.shop import ALICE, Shop


@pytest.fixture(autouse=True)
def measured_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measurements do not depend on how fast this machine is."""
    monkeypatch.setattr(backlog, "INTERVAL", 0)
    monkeypatch.setattr(backlog, "RATED", timedelta(hours=1))
    monkeypatch.setattr(backlog, "RECENT", timedelta(hours=1))
    monkeypatch.setattr(backlog, "MIN_SPAN", 3600)  # so few orders a second that MIN_REFUSED applies


def order(shop: Shop, key: str | None = None) -> TestResponse:
    return shop.as_customer(ALICE).orders({"MUG": 1}, MUG, key=key)


def placed(shop: Shop, count: int) -> list[str]:
    """Place this many orders; their ids."""
    shop.offers("MUG", MUG)
    answers = [order(shop) for _ in range(count)]
    assert {each.status_code for each in answers} == {201}
    return [each.json["id"] for each in answers]  # type: ignore[index]


@pytest.mark.parametrize("outcome", ["stock_reserved", "stock_rejected"])
def test_orders_are_refused_while_too_many_wait(shop: Shop, outcome: str) -> None:
    first, *waiting = placed(shop, MIN_REFUSED + 1)
    receives(shop, first, outcome)
    before = len(shop.published(OrderPlaced))

    refused = order(shop, key="mine")

    assert (refused.status_code, refused.json["code"]) == (503, "too_many_orders")  # type: ignore[index]
    assert refused.headers["Retry-After"] == "1"
    assert len(shop.published(OrderPlaced)) == before, "nothing is placed"
    receives(shop, waiting[0], outcome)
    assert order(shop, key="mine").status_code == 201, "the same key is free again"


def test_an_order_that_was_accepted_is_returned_to_its_key(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    accepted = order(shop, key="mine")
    first, *_ = placed(shop, MIN_REFUSED)
    receives(shop, first, "stock_reserved")
    assert order(shop).status_code == 503

    again = order(shop, key="mine")

    assert (again.status_code, again.json) == (201, accepted.json)


def test_orders_are_accepted_while_nothing_moves_on(shop: Shop) -> None:
    placed(shop, 3 * MIN_REFUSED)


def test_orders_are_accepted_while_others_are_only_cancelled(shop: Shop) -> None:
    first, *_ = placed(shop, MIN_REFUSED + 1)

    cancelled = shop.as_customer(ALICE).post(f"/orders/{first}/cancel")

    assert cancelled.json["status"] == "cancelled"  # type: ignore[index]
    assert order(shop).status_code == 201, "catalog may be down: nothing says that it answers"


def test_orders_that_need_no_event_any_more_do_not_wait(shop: Shop) -> None:
    for order_id in placed(shop, 2 * MIN_REFUSED):
        receives(shop, order_id, *PATH_TO["awaiting_payment"])

    assert order(shop).status_code == 201


@pytest.mark.parametrize(
    ("waiting", "per_second", "refused"),
    [(19, 1, False), (20, 1, True), (20, 0, False), (1000, 0, False), (49, 100, False), (50, 100, True)],
)
def test_a_new_order_is_refused_if_it_would_wait_long(waiting: int, per_second: float, refused: bool) -> None:
    try:
        Backlog(waiting, per_second).refuse_more()
    except Unavailable as error:
        assert refused and error.code == "too_many_orders"
    else:
        assert not refused
