"""The numbers of a series have no gap: while workers race, and while transactions are rolled back or killed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from app.kernel.errors import Stale
from app.kernel.ids import new_id
from app.modules.orders.infrastructure import tables
from app.modules.orders.infrastructure.documents.tables import documents
from app.modules.orders.module import orders
from app.modules.orders.use_cases.documents.issue_documents import issue_documents
from tests.orders.steps import later, order_in
from tests.servers import fresh_databases
from tests.shop import ALICE, INVOICING, Shop

ORDERS = 200
WORKERS = 6


class KilledError(Exception):
    """Ends a transaction before its commit, as a killed worker does."""


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with fresh_databases("orders") if request.param == "postgresql" else nullcontext({}) as made:
        alone = Shop(tmp_path, orders, **INVOICING, **made)
        yield alone
        alone.close()


@pytest.mark.slow
def test_two_hundred_orders_are_invoiced_while_workers_die(shop: Shop) -> None:
    first = UUID(order_in(shop, shop.as_customer(ALICE), "paid"))
    order_ids = [first, *copies_of(shop, first, ORDERS - 1)]
    transaction = shop.modules["orders"].transaction

    def work(worker: int) -> None:
        for i, order_id in enumerate(order_ids):
            dies = (i + worker) % 5 == 0
            try:
                with transaction() as uow:
                    issue_documents(uow, order_id)
                    if dies:
                        raise KilledError
            except (KilledError, Stale):
                continue

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    with shop.modules["orders"].reading() as uow:
        assert uow.documents.gaps() == []
    with shop.modules["orders"].database.read() as connection:
        rows = connection.execute(select(documents.c.order_id, documents.c.number)).all()
    assert sorted(row.number for row in rows) == list(range(1, ORDERS + 1))
    assert len({row.order_id for row in rows}) == ORDERS


def copies_of(shop: Shop, order_id: UUID, count: int) -> list[UUID]:
    """Further paid orders, each with its requested invoice, as rows: placing so many takes longer than the race."""
    lines, copies = tables.order_lines, [new_id() for _ in range(count)]
    with shop.modules["orders"].database.begin() as connection:
        order = dict(connection.execute(select(tables.orders).where(tables.orders.c.id == order_id)).one()._mapping)
        line = dict(connection.execute(select(lines).where(lines.c.order_id == order_id)).one()._mapping)
        document = dict(connection.execute(select(documents).where(documents.c.order_id == order_id)).one()._mapping)
        rows = [order | {"id": id, "number": order["number"] + 1 + i} for i, id in enumerate(copies)]
        connection.execute(insert(tables.orders), rows)
        connection.execute(insert(lines), [line | {"order_id": id} for id in copies])
        connection.execute(insert(documents), [document | {"order_id": id} for id in copies])
    return copies


def test_a_later_number_has_no_earlier_date(shop: Shop) -> None:
    """A worker that waits for the series has begun before: at New Year its number would be of the year before."""
    first = UUID(order_in(shop, shop.as_customer(ALICE), "paid"))
    second = UUID(order_in(shop, shop.as_customer(ALICE), "paid"))
    module = shop.modules["orders"]

    with later(shop, timedelta(minutes=1)) as uow:
        issue_documents(uow, first)
    with module.transaction() as uow:
        issue_documents(uow, second)

    with module.reading() as uow:
        found = uow.documents.issued(None, None, None, 10)
    assert [(each.order_id, each.number) for each in found] == [(first, 1), (second, 2)]
    assert found[0].issued_at is not None and found[0].issued_at == found[1].issued_at
