"""Audits of orders: what is requested, and how the answers are handled."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from app.bus.contracts.catalog import StockAuditReported
from app.bus.contracts.orders import OrderAuditRequested
from app.bus.contracts.payments import PaymentAuditReported
from app.kernel import clock
from app.kernel.database import Database
from app.kernel.ids import new_id
from app.kernel.slices import in_slices
from app.modules.orders.infrastructure.audits.checks import SqlChecks
from app.modules.orders.infrastructure.tables import order_checks, orders
from app.modules.orders.schedules import sweep_checks
from app.ops.tables import audits
from tests.orders.steps import order_in, receives
from tests.servers import fresh_databases
from tests.shop import ALICE, Shop

AUDIT = str(new_id())


def answers(shop: Shop, order_id: str, discrepancy: str, version: int) -> None:
    shop.receives(StockAuditReported(audit=AUDIT, order_id=order_id, discrepancy=discrepancy, version=version))


def stored(shop: Shop) -> list[tuple[str, str | None]]:
    """Each stored answer: its module and discrepancy."""
    with shop.modules["orders"].database.read() as connection:
        return [(row.module, row.discrepancy) for row in connection.execute(select(order_checks))]


def audits_it(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=["audit", "--wait", "0.3", *options])


def requested(shop: Shop) -> list[str]:
    return [each.order_id for each in shop.published(OrderAuditRequested)]


def test_the_latest_answer_of_each_module_is_stored(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")

    answers(shop, order_id, "it is odd", 2)
    answers(shop, order_id, "", 2)
    shop.receives(PaymentAuditReported(audit=AUDIT, order_id=order_id, discrepancy="it is odd, too", version=2))

    assert sorted(stored(shop)) == [("catalog", None), ("payments", "it is odd, too")]


def test_a_discrepancy_of_an_order_that_has_changed_is_dropped_and_requested_again(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    receives(shop, order_id, "payment_authorized")

    answers(shop, order_id, "it is authorized", 2)

    assert stored(shop) == []
    [again] = shop.published(OrderAuditRequested)
    assert (again.audit, again.order_id, again.status, again.version) == (AUDIT, order_id, "confirmed", 3)


def test_an_answer_about_an_order_that_is_no_longer_here_parks_nothing(shop: Shop) -> None:
    answers(shop, str(new_id()), "it is odd", 2)

    assert (stored(shop), shop.parked()) == ([], 0)


def test_an_audit_requests_all_open_orders_and_those_placed_since(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    open_long, ended_long, ended_lately = (
        order_in(shop, alice, status) for status in ("awaiting_payment", "paid", "cancelled")
    )
    with shop.modules["orders"].database.begin() as connection:
        old = orders.c.id.in_([UUID(open_long), UUID(ended_long)])
        connection.execute(update(orders).where(old).values(placed_at=clock.now() - timedelta(days=40)))

    audits_it(shop)
    assert set(requested(shop)) == {open_long, ended_lately}
    audits_it(shop, "--since", "2020-01-01")

    assert ended_long in requested(shop)


def test_a_request_has_what_the_other_modules_need_to_compare(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")

    audits_it(shop)

    [request] = shop.published(OrderAuditRequested)
    assert (request.order_id, request.status, request.version) == (order_id, "paid", 4)
    assert [(line.sku, line.quantity) for line in request.lines] == [("MUG", 2)]
    assert (request.amount, request.currency) == (1800, "EUR")


def test_an_audit_without_answers_reports_whose_are_missing(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")

    result = audits_it(shop, "--fix")

    assert result.exit_code == 1
    for module in ("catalog", "payments"):
        assert f"no answer from {module} about 1 orders, the first {order_id}" in result.output
    assert "the audit requests are still in the outbox of orders" in result.output
    with shop.modules["orders"].database.read() as connection:
        rows = {row.check: row for row in connection.execute(select(audits))}
    assert (rows["orders"].compared, rows["orders"].discrepancies) == (0, 2)


def test_a_shop_without_orders_is_audited_at_once(shop: Shop) -> None:
    result = audits_it(shop)

    assert result.exit_code == 0, result.output
    assert "orders     orders             0         0" in result.output


def test_more_orders_than_fit_in_one_batch_are_each_requested_once(shop: Shop) -> None:
    order_in(shop, shop.as_customer(ALICE), "paid")
    with shop.modules["orders"].database.begin() as connection:
        row = dict(connection.execute(select(orders)).one()._mapping)
        connection.execute(insert(orders), [row | {"id": new_id(), "number": n} for n in range(100, 550)])

    audits_it(shop)

    assert len(requested(shop)) == len(set(requested(shop))) == 451


def test_old_answers_are_deleted(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    answers(shop, order_id, "it is odd", 2)
    shop.receives(PaymentAuditReported(audit=AUDIT, order_id=order_id, discrepancy="", version=2))
    with shop.modules["orders"].database.begin() as connection:
        old = update(order_checks).where(order_checks.c.module == "catalog")
        connection.execute(old.values(at=clock.now() - timedelta(days=8)))

    assert sweep_checks(shop.modules["orders"].transaction) == 1

    with shop.modules["orders"].database.read() as connection:
        assert connection.execute(select(func.count()).select_from(order_checks)).scalar_one() == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_agrees_is_forgotten_and_counted(kind: str, tmp_path: Path) -> None:
    audit = new_id()
    with checks_on(kind, tmp_path) as database:
        with database.begin() as connection:
            for sentence in (None, None, "it is odd"):
                SqlChecks(connection).keep(audit, new_id(), "catalog", sentence, clock.now())

        assert in_slices(database.begin, lambda connection: SqlChecks(connection).forget_agreeing(audit)) == 2

        with database.read() as connection:
            [left] = SqlChecks(connection).discrepancies(audit)
    assert left.sentence == "it is odd"


def test_an_audit_that_ends_does_not_wait_for_answers_that_arrive_again(tmp_path: Path) -> None:
    audit, orders_of_it = new_id(), [new_id() for _ in range(3)]
    with checks_on("postgresql", tmp_path) as database:
        with database.begin() as connection:
            for order_id in orders_of_it:
                SqlChecks(connection).keep(audit, order_id, "catalog", None, clock.now())

        with database.begin() as answering:
            SqlChecks(answering).keep(audit, orders_of_it[1], "catalog", None, clock.now())
            with database.begin() as ending:
                ending.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
                assert SqlChecks(ending).forget_agreeing(audit) == 2
        with database.begin() as later:
            assert SqlChecks(later).forget_agreeing(audit) == 1


@contextmanager
def checks_on(kind: str, folder: Path) -> Iterator[Database]:
    """A database that has only the table of checks."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/orders.sqlite"
        if kind == "postgresql":
            url = stack.enter_context(fresh_databases("orders"))["ORDERS_DATABASE_URL"]
        database = Database(url)
        stack.callback(database.close)
        with database.begin() as connection:
            order_checks.create(connection)
        yield database
