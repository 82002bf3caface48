"""Many orders are paid at once while the worker that invoices them is killed: one number each, without a gap."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool

from app.kernel.money import Money
from app.modules.orders.infrastructure.documents.tables import documents
from tests.chaos.live import MODULES, LiveShop
from tests.conftest import until
from tests.invariants import assert_invariants
from tests.servers import fresh_databases

pytestmark = pytest.mark.slow
PRICE = Money(900, "EUR")
KILLS = 5


@pytest.mark.parametrize("orders", [40, pytest.param(200, marks=pytest.mark.thorough)])
def test_each_order_gets_one_number(tmp_path: Path, orders: int) -> None:
    with fresh_databases(*MODULES) as databases, LiveShop(tmp_path, **databases) as shop:
        urls = {module: databases[f"{module.upper()}_DATABASE_URL"] for module in MODULES}
        engine = create_engine(urls["orders"], isolation_level="AUTOCOMMIT", poolclass=NullPool)

        def issued() -> int:
            with engine.connect() as connection:
                query = select(func.count()).where(documents.c.number.is_not(None))
                return int(connection.execute(query).scalar_one())

        shop.start()
        shop.stocks("MUG", PRICE, on_hand=orders)
        tokens = shop.tokens(orders)
        with ThreadPoolExecutor(16) as crowd:
            order_ids = list(crowd.map(lambda token: shop.places(token, "MUG", PRICE), tokens))
            with killing(shop, issued, every=orders // (KILLS + 1)) as killed:
                list(crowd.map(lambda each: shop.pays(*each), zip(tokens, order_ids, strict=True)))
                until(lambda: issued() == orders, "each order has its invoice", 240)
                try:
                    until(lambda: holds(urls, shop), "the invariants hold", 120)
                except AssertionError:
                    assert_invariants(urls, shop.captures())  # raises with the invariant that does not hold

        assert len(killed) == KILLS
        with engine.connect() as connection:
            rows = connection.execute(select(documents.c.order_id, documents.c.number)).all()
        assert sorted(row.number for row in rows) == list(range(1, orders + 1))
        assert {str(row.order_id) for row in rows} == set(order_ids)


def holds(urls: dict[str, str], shop: LiveShop) -> bool:
    try:
        assert_invariants(urls, shop.captures())
    except (AssertionError, OSError):  # OSError: its sandbox restarts with it
        return False
    return True


@contextmanager
def killing(shop: LiveShop, issued: Callable[[], int], every: int) -> Iterator[list[int]]:
    """Send SIGKILL to the worker whenever so many more invoices are issued. A shop that ends because its worker died
    twice in quick succession is started again, as its supervisor does. Yields how many were issued at each kill."""
    over, killed = Event(), list[int]()

    def kill() -> None:
        while not over.wait(0.01):
            if shop.process is not None and shop.process.poll() is not None:
                shop.start()
            if len(killed) < KILLS and (now := issued()) >= every * (len(killed) + 1):
                try:
                    shop.kill_worker()
                except (AssertionError, ProcessLookupError):  # it is just being replaced
                    continue
                killed.append(now)

    killer = Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()
