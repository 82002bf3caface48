"""payments on a PostgreSQL server, if there is one."""

from pathlib import Path

from app.kernel.money import MAX_AMOUNT, Money
from app.modules.payments.module import payments
from tests.payments.steps import requests_payment
from tests.servers import fresh_databases
from tests.shop import Shop


def test_any_amount_that_an_order_may_come_to_is_taken(tmp_path: Path, sandbox: str) -> None:
    """SQLite's integers have no fixed size; PostgreSQL's do."""
    with fresh_databases("payments") as variables:
        shop = Shop(tmp_path, payments, STRIPE_API_BASE=sandbox, **variables)
        requests_payment(shop, Money(MAX_AMOUNT, "EUR"))
        parked = shop.parked()
        shop.close()

    assert parked == 0
