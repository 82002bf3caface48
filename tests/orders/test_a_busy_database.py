"""While another connection locks the database, a request is answered with 503; repeated later, it succeeds."""

import sqlite3
from typing import Any

import pytest

from app.kernel.ids import new_id
from tests.orders.steps import MUG
from tests.shop import ALICE, Shop


@pytest.mark.slow  # 15 seconds: a write waits for 5 seconds, and is tried three times
def test_an_order_while_the_file_is_locked_is_answered_with_retry_after(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice, key = shop.as_customer(ALICE), str(new_id())
    rival = sqlite3.connect(shop.settings.data / "orders.sqlite", isolation_level=None)
    rival.execute("BEGIN IMMEDIATE")

    busy: Any = alice.orders({"MUG": 1}, MUG, key=key)

    assert (busy.status_code, busy.json["code"]) == (503, "busy")
    assert int(busy.headers["Retry-After"]) >= 1
    assert alice.get("/orders").json["items"] == []  # type: ignore[index]  # reads are not blocked
    rival.execute("ROLLBACK")
    rival.close()
    assert alice.orders({"MUG": 1}, MUG, key=key).status_code == 201
