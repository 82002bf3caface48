"""A replay is killed halfway: it resumes by itself, and no event is applied twice or omitted."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.kernel.money import Money
from tests.chaos.live import PASSWORD, LiveShop
from tests.conftest import ROOT, until

pytestmark = pytest.mark.slow
PRICE = Money(900, "EUR")
SKUS = ("MUG", "PEN", "CUP")


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    live = LiveShop(tmp_path)
    yield live
    live.stop()


def staff(shop: LiveShop) -> str:
    """An admin's access token."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "users", "create-admin", "sam@shop.example.com"]
    own = {"QUARTET_DATA": str(shop.folder), "PATH": "/usr/bin:/bin"}
    made = [*command, "--password-stdin"]
    subprocess.run(made, cwd=ROOT, env=own, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)
    body = {"email": "sam@shop.example.com", "password": PASSWORD}
    return str(shop.call("POST", "/auth/login", body)[1]["access_token"])


def orders(shop: LiveShop, statement: str) -> list[Any]:
    """Run a query on the database of orders."""
    with closing(sqlite3.connect(shop.folder / "orders.sqlite", timeout=60)) as connection, connection:
        return list(connection.execute(statement))


@pytest.mark.parametrize("point", ["after_effect", "before_replay_saved", "before_job_done"])
def test_killed_in_the_middle_of_a_replay(point: str, shop: LiveShop) -> None:
    shop.start()
    for sku in SKUS:
        shop.stocks(sku, PRICE, on_hand=5)
    until(lambda: orders(shop, "SELECT count(*) FROM offers") == [(3,)], "orders has consumed all offers", seconds=30)
    signed = f"Bearer {staff(shop)}"
    shop.stop()
    orders(shop, "DELETE FROM offers")
    marker = shop.folder / "killed"
    shop.start(CRASH_AT=f"{point}@{marker}")

    requested = {"since": "2026-01-01T00:00:00Z", "type": "catalog.offer_changed.v1", "forget": True, "reason": "lost"}
    sent = shop.sent
    status, begun = shop.call("POST", "/ops/orders/replay", requested, Authorization=signed)
    requests = shop.sent - sent  # more than one if it was killed before its response was sent

    def ended() -> Any:
        return shop.call("GET", f"/ops/orders/replays/{begun['id']}", Authorization=signed)[1]["ended_at"]

    assert status == 202
    until(ended, "the replay is done", seconds=60)
    assert marker.exists(), f"nothing died at {point}"
    assert orders(shop, "SELECT sku FROM offers ORDER BY sku") == [("CUP",), ("MUG",), ("PEN",)]
    assert orders(shop, "SELECT count(*) FROM operations WHERE what = 'replay'")[0][0] in range(1, requests + 1)
    until(lambda: not orders(shop, "SELECT * FROM jobs WHERE kind = 'replay'"), "no work is left", seconds=60)
    shop.settles()
