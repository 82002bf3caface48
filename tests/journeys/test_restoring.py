"""A shop is backed up, destroyed and restored as docs/backup.md says; on SQLite, and on PostgreSQL with its tools."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import ROOT, until
from tests.journeys.steps import buys, pays, places, signs_in, signs_up, stocks
from tests.orders.steps import status_of
from tests.servers import fresh_databases, program
from tests.shop import Shop
from tests.users.conftest import CHEAP

PRICE = Money(900, "EUR")
ORDER = (
    "catalog",
    "payments",
    "orders",
    "users",
)  # as in docs/backup.md: the modules that start a purchase are saved last


class Saved:
    """A shop whose databases can be saved, destroyed and restored, one by one."""

    def __init__(self, folder: Path, sandbox: str, databases: dict[str, str]) -> None:
        self.folder, self.variables = folder, {"STRIPE_API_BASE": sandbox, **databases}
        self.backup = folder / "backup"
        self.backup.mkdir()
        self.shop = self.open()

    def open(self) -> Shop:
        """Open the shop on its databases as they are now."""
        self.shop = Shop(self.folder, catalog, orders, payments, partial(users, passwords=CHEAP), **self.variables)
        return self.shop

    def save(self, module: str) -> None:
        if file := self._file(module):
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(self.backup / file.name)) as copy:
                source.backup(copy)
        else:
            run("pg_dump", "--format=custom", f"--file={self.backup / module}", self._url(module))

    def destroy(self) -> None:
        """Close the shop and delete all its databases."""
        self.shop.close()
        for module in ORDER:
            if file := self._file(module):
                for each in self.folder.glob(f"{file.name}*"):
                    each.unlink()
            else:
                run("psql", "--quiet", "--command=DROP SCHEMA public CASCADE; CREATE SCHEMA public", self._url(module))

    def restore(self, module: str) -> None:
        """Restore the backup of a module into an empty database."""
        if file := self._file(module):
            file.write_bytes((self.backup / file.name).read_bytes())
        else:
            words = ("--exit-on-error", "--no-owner", "--schema=public", f"--dbname={self._url(module)}")
            run("psql", "--quiet", "--command=DROP SCHEMA public; CREATE SCHEMA public", self._url(module))
            run("pg_restore", *words, str(self.backup / module))

    def types(self, *words: str) -> int:
        """Run a command of the page; returns its exit code, 0 or 1."""
        result = self.shop.app.test_cli_runner().invoke(args=list(words))
        assert result.exit_code in {0, 1}, result.output
        return result.exit_code

    def _file(self, module: str) -> Path | None:
        url = make_url(self.shop.modules[module].database.url)
        return Path(url.database or "") if url.drivername.startswith("sqlite") else None

    def _url(self, module: str) -> str:
        url = make_url(self.shop.modules[module].database.url)
        return url.set(drivername="postgresql").render_as_string(hide_password=False)


def run(name: str, *words: str) -> None:
    """Run one of PostgreSQL's programs."""
    subprocess.run([program(name), *words], check=True, capture_output=True, timeout=60)


@pytest.fixture(params=["sqlite", "postgresql"])
def saved(request: pytest.FixtureRequest, tmp_path: Path, sandbox: str) -> Iterator[Saved]:
    with fresh_databases(*ORDER) if request.param == "postgresql" else nullcontext({}) as databases:
        made = Saved(tmp_path, sandbox, databases)
        yield made
        made.shop.close()


def test_databases_that_were_saved_at_different_times_agree_after_the_commands_of_the_page(saved: Saved) -> None:
    shop = saved.shop
    stocks(shop, "MUG", PRICE, on_hand=20)
    alice = signs_up(shop, "alice@example.com")
    before = buys(shop, alice, "MUG", 1, PRICE)
    begun = rfc3339(clock.now())
    saved.save("catalog")
    paid = buys(shop, alice, "MUG", 2, PRICE)  # not in catalog's backup
    saved.save("payments")
    unpaid = places(shop, alice, "MUG", 3, PRICE)  # not in the backup of payments either
    unhandled = places(shop, alice, "MUG", 1, PRICE, settle=False)
    saved.save("orders")
    signs_up(shop, "bob@example.com")
    saved.save("users")
    lost = buys(shop, alice, "MUG", 4, PRICE)

    saved.destroy()
    for module in reversed(ORDER):
        saved.restore(module)
    shop = saved.open()

    assert saved.types("db", "check") == 0
    shop.background.start()
    assert saved.types("audit", "--wait", "2") == 1, "orders and stock were saved at different times"
    for module in ORDER:
        saved.types("bus", "republish", "--module", module, "--since", begun, "--reason", "restored")
    saved.types("catalog", "announce")
    saved.types("users", "announce")
    until(lambda: saved.types("audit", "--fix", "--wait", "2") == 0, "the audit finds no discrepancy", 60)
    assert saved.types("catalog", "verify-index", "--fix") == 0
    assert saved.types("bus", "parked", "list") == 0
    assert saved.types("orders", "stuck") == 0
    alice = signs_in(shop, "alice@example.com", settle=False)  # the background does it
    assert [status_of(alice, each) for each in (before, paid)] == ["paid", "paid"]
    until(lambda: status_of(alice, unhandled) == "awaiting_payment", "an order that was in progress goes on")
    assert alice.get(f"/orders/{lost}").status_code == 404, "an order placed after the backup exists at Stripe only"
    assert pays(alice, unpaid, "pm_card_visa").status_code == 200
    until(lambda: status_of(alice, unpaid) == "paid", "the unpaid order can be paid")
    level = shop.as_staff().get("/stock/MUG").json
    assert (level["on_hand"], level["held"]) == (20 - 1 - 2 - 3, 1)  # type: ignore[index]


def test_the_page_saves_the_databases_in_the_order_tested_here() -> None:
    page = (ROOT / "docs/backup.md").read_text(encoding="utf-8")

    assert f"for module in {' '.join(ORDER)}; do" in page
    assert all(f"`{name}`" in page for name in ("pg_dump", "pg_restore", "SIGNING_KEY_SECRET", "ROOT_PRIVATE_KEY"))
