"""A replay is killed halfway: it resumes by itself, and no event is applied twice or omitted."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from app.kernel.money import Money
from tests.chaos.live import PASSWORD, LiveShop
from tests.conftest import ROOT, until

pytestmark = pytest.mark.slow
PRICE = Money(900, "EUR")
SKUS = ("MUG", "PEN", "CUP")
POINTS = ["after_effect", "before_replay_saved", "before_job_done"]
REPLAYS = "SELECT count(*) FROM operations WHERE what = 'replay'"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop whose orders know three offers."""
    with LiveShop(tmp_path_factory.mktemp("replays")) as live:
        live.with_crash_points(*POINTS)
        live.start()
        for sku in SKUS:
            live.stocks(sku, PRICE, on_hand=5)
        until(lambda: orders(live, "SELECT count(*) FROM offers") == [(3,)], "orders has consumed all offers")
        yield live
        assert live.stop() == 0


@pytest.fixture(scope="module")
def signed(shop: LiveShop) -> str:
    """What an admin sends."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "users", "create-admin", "sam@shop.example.com"]
    own = {"QUARTET_DATA": str(shop.folder), "PATH": "/usr/bin:/bin"}
    made = [*command, "--password-stdin"]
    subprocess.run(made, cwd=ROOT, env=own, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)
    body = {"email": "sam@shop.example.com", "password": PASSWORD}
    return f"Bearer {shop.call('POST', '/auth/login', body)[1]['access_token']}"


def orders(shop: LiveShop, statement: str) -> list[Any]:
    """Run a query on the database of orders."""
    with closing(sqlite3.connect(shop.folder / "orders.sqlite", timeout=60)) as connection, connection:
        return list(connection.execute(statement))


@pytest.mark.parametrize("point", POINTS)
def test_killed_in_the_middle_of_a_replay(point: str, shop: LiveShop, signed: str) -> None:
    orders(shop, "DELETE FROM offers")
    [(before,)] = orders(shop, REPLAYS)
    requested = {"since": "2026-01-01T00:00:00Z", "type": "catalog.offer_changed.v1", "forget": True, "reason": "lost"}
    sent = shop.sent

    with shop.killed_at(point):
        status, begun = shop.call("POST", "/ops/orders/replay", requested, Authorization=signed)
        requests = shop.sent - sent  # more than one if it was killed before its response was sent

        def ended() -> Any:
            return shop.call("GET", f"/ops/orders/replays/{begun['id']}", Authorization=signed)[1]["ended_at"]

        assert status == 202
        until(ended, "the replay is done", seconds=60)
        until(lambda: not orders(shop, "SELECT * FROM jobs WHERE kind = 'replay'"), "no work is left", seconds=60)
    assert orders(shop, "SELECT sku FROM offers ORDER BY sku") == [("CUP",), ("MUG",), ("PEN",)]
    assert orders(shop, REPLAYS)[0][0] - before in range(1, requests + 1)
    shop.settles()
