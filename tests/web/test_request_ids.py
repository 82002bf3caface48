"""One id connects a request with its response, its log lines and the events that it caused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.bus import tables
from app.kernel.money import Money
from tests.shop import ALICE, Shop

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize("given", ["abc", "01a20bac-55af-7000-8000-000000000001", "a.b:c_d-e", "x" * 64])
def test_a_sane_id_is_kept(shop: Shop, given: str) -> None:
    answer = shop.as_guest().get("/products", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x" * 65,
        "a b",
        'a"}',
        "<script>",
        "a;b",
        "${jndi:ldap://x}",
        "é",
        "a\x00b",
        "../../etc",
        "a\tb",
        "' OR 1=1--",
    ],
)
def test_a_hostile_id_is_replaced(shop: Shop, given: str) -> None:
    answer = shop.as_guest().get("/products", headers={"X-Request-Id": given})

    assert UUID7.fullmatch(answer.headers["X-Request-Id"])


def test_every_answer_has_one_of_its_own(shop: Shop) -> None:
    answers = [shop.app.test_client().get(path) for path in ("/livez", "/nothing", "/api/v1/orders", "/livez")]

    ids = [each.headers["X-Request-Id"] for each in answers]
    assert len(set(ids)) == 4 and all(UUID7.fullmatch(each) for each in ids)


def test_it_is_on_the_line_of_the_log(shop: Shop, log_lines: Callable[[], list[Any]]) -> None:
    shop.as_guest().get("/products", headers={"X-Request-Id": "find-me-in-the-log"})

    mine = [line for line in log_lines() if line["request_id"] == "find-me-in-the-log"]
    assert [(each["method"], each["route"], each["status"]) for each in mine] == [("GET", "/api/v1/products", 200)]


def test_it_travels_with_events_and_is_in_the_timeline(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))
    alice = shop.as_customer(ALICE)
    order: Any = alice.orders({"MUG": 1}, Money(900, "EUR"), headers={"X-Request-Id": "bought-by"}).json

    with shop.modules["orders"].database.read() as connection:
        about_it = select(tables.outbox.c.headers).where(tables.outbox.c.key == order["id"])
        published = connection.execute(about_it).scalars().all()

    assert published and all("bought-by" in headers for headers in published)
    timeline: Any = alice.get(f"/orders/{order['id']}/timeline").json
    assert timeline["items"][0]["request_id"] == "bought-by"
