"""What orders makes of the answers in an audit."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from app.bus.contracts.catalog import StockAuditReported
from app.bus.contracts.orders import OrderAuditRequested
from app.bus.contracts.payments import PaymentAuditReported
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.orders.infrastructure.tables import order_checks, orders
from app.modules.orders.schedules import sweep_checks
from app.ops.tables import audits
from tests.orders.steps import order_in, receives
from tests.shop import ALICE, Shop

AUDIT = str(new_id())


def answers(shop: Shop, order_id: str, discrepancy: str, version: int) -> None:
    shop.receives(StockAuditReported(audit=AUDIT, order_id=order_id, discrepancy=discrepancy, version=version))


def kept(shop: Shop) -> list[tuple[str, str | None]]:
    """Each answer that is kept, with its discrepancy."""
    with shop.modules["orders"].database.read() as connection:
        return [(row.module, row.discrepancy) for row in connection.execute(select(order_checks))]


def audits_it(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=["audit", "--wait", "0.3", *options])


def asked(shop: Shop) -> list[str]:
    return [each.order_id for each in shop.published(OrderAuditRequested)]


def test_answers_are_kept_the_latest_of_each_module(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")

    answers(shop, order_id, "it is odd", 2)
    answers(shop, order_id, "", 2)
    shop.receives(PaymentAuditReported(audit=AUDIT, order_id=order_id, discrepancy="it is odd, too", version=2))

    assert sorted(kept(shop)) == [("catalog", None), ("payments", "it is odd, too")]


def test_a_finding_about_an_order_that_has_moved_counts_for_nothing_and_is_asked_about_again(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    receives(shop, order_id, "payment_authorized")

    answers(shop, order_id, "it is authorized", 2)

    assert kept(shop) == []
    [again] = shop.published(OrderAuditRequested)
    assert (again.audit, again.order_id, again.status, again.version) == (AUDIT, order_id, "confirmed", 3)


def test_an_answer_about_an_order_that_is_no_longer_here_parks_nothing(shop: Shop) -> None:
    answers(shop, str(new_id()), "it is odd", 2)

    assert (kept(shop), shop.parked()) == ([], 0)


def test_it_asks_about_all_that_are_open_and_those_placed_since(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    open_long, ended_long, ended_lately = (
        order_in(shop, alice, status) for status in ("awaiting_payment", "paid", "cancelled")
    )
    with shop.modules["orders"].database.begin() as connection:
        these = orders.c.id.in_([UUID(open_long), UUID(ended_long)])
        connection.execute(update(orders).where(these).values(placed_at=clock.now() - timedelta(days=40)))

    audits_it(shop)
    assert set(asked(shop)) == {open_long, ended_lately}
    audits_it(shop, "--since", "2020-01-01")

    assert ended_long in asked(shop)


def test_a_question_tells_what_the_others_need_to_compare(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")

    audits_it(shop)

    [question] = shop.published(OrderAuditRequested)
    assert (question.order_id, question.status, question.version) == (order_id, "paid", 4)
    assert [(line.sku, line.quantity) for line in question.lines] == [("MUG", 2)]
    assert (question.amount, question.currency) == (1800, "EUR")


def test_without_answers_it_says_whose_are_missing(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "paid")

    result = audits_it(shop, "--fix")

    assert result.exit_code == 1
    for module in ("catalog", "payments"):
        assert f"no answer from {module} about 1 orders, the first {order_id}" in result.output
    assert "what orders asks is not carried: is the shop running?" in result.output
    with shop.modules["orders"].database.read() as connection:
        [row] = connection.execute(select(audits)).all()
    assert (row.check, row.compared, row.discrepancies) == ("orders", 0, 2)


def test_a_shop_without_orders_is_audited_at_once(shop: Shop) -> None:
    result = audits_it(shop)

    assert result.exit_code == 0, result.output
    assert "orders     orders             0         0" in result.output


def test_more_orders_than_are_asked_about_at_once_are_each_asked_about_once(shop: Shop) -> None:
    order_in(shop, shop.as_customer(ALICE), "paid")
    with shop.modules["orders"].database.begin() as connection:
        row = dict(connection.execute(select(orders)).one()._mapping)
        connection.execute(insert(orders), [row | {"id": new_id()} for _ in range(450)])

    audits_it(shop)

    assert len(asked(shop)) == len(set(asked(shop))) == 451


def test_old_answers_are_forgotten(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "awaiting_payment")
    answers(shop, order_id, "it is odd", 2)
    shop.receives(PaymentAuditReported(audit=AUDIT, order_id=order_id, discrepancy="", version=2))
    with shop.modules["orders"].database.begin() as connection:
        old = update(order_checks).where(order_checks.c.module == "catalog")
        connection.execute(old.values(at=clock.now() - timedelta(days=8)))

    assert sweep_checks(shop.modules["orders"].transaction) == 1

    with shop.modules["orders"].database.read() as connection:
        assert connection.execute(select(func.count()).select_from(order_checks)).scalar_one() == 1
