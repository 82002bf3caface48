"""Commands with odd words: each ends with a sentence, or does what was meant."""

import getpass
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.bus.transport import kafka_admin
from app.cli import bus
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.ops import operations
from tests.conftest import free_port
from tests.orders.coupons import promotion
from tests.shop import Shop

ONE = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """All four modules, without a Stripe."""
    whole = Shop(tmp_path, catalog, orders, payments, users)
    yield whole
    whole.close()


def runs(shop: Shop, *words: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=list(words))


def subjects(shop: Shop, module: str) -> list[tuple[str, str]]:
    """Who did something by hand, and to what, newest first."""
    with shop.modules[module].database.read() as connection:
        return [(row.who, row.subject) for row in operations.newest(connection, None, 10)]


@pytest.mark.parametrize("typed", ["2026-11-24T03:00:00+02:00", "2026-11-24T03:00:00+0200", "2026-11-24T01:00:00Z"])
def test_events_are_consumed_again_since_the_time_that_was_meant(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    since: list[datetime] = []
    monkeypatch.setattr(bus, "_with_kafka", lambda: shop.settings)
    monkeypatch.setattr(kafka_admin, "rewind", lambda _settings, _module, _topics, to: since.append(to) or {})

    result = runs(shop, "bus", "rewind", "--to", typed)

    assert result.exit_code == 0, result.output
    assert since == [ONE] * 4, "an hour that is taken for another one loses the events between the two"
    assert subjects(shop, "orders")[0][1] == "2026-11-24T01:00:00Z"


def test_a_time_without_its_zone_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "_with_kafka", lambda: shop.settings)

    assert runs(shop, "bus", "rewind", "--to", "2026-11-24T03:00:00").exit_code == 2


def test_the_trail_has_the_times_of_a_republish_in_utc(shop: Shop) -> None:
    since = "2026-11-24T03:00:00+02:00"

    result = runs(
        shop, "bus", "republish", "--module", "orders", "--since", since, "--until", since, "--reason", "lost"
    )
    body = {"since": since, "until": since, "reason": "lost"}
    answer = shop.as_staff().post("/ops/payments/republish", body)

    assert result.exit_code == 0 and answer.status_code == 200, (result.output, answer.text)
    for module in ("orders", "payments"):
        assert subjects(shop, module)[0][1].endswith("2026-11-24T01:00:00Z to 2026-11-24T01:00:00Z")


@pytest.mark.parametrize(
    "words",
    [
        ("users", "create-admin", "r\udcffoot@shop.example.com", "--password-file", "PASSWORD"),
        ("users", "create-admin", "root@shop.example.com", "--password-file", "LATIN"),
        ("bus", "republish", "--module", "orders", "--since", "2026-11-24T03:00:00Z", "--key", "\udcff", "--dry-run"),
        ("bus", "parked", "retry", "--module", "orders", "--type", "\udcff", "--reason", "mended"),
        ("orders", "coupons", "autumn\udcff", "--count", "1", "--reason", "a fair"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_words_that_are_not_utf_8_are_refused(shop: Shop, words: tuple[str, ...]) -> None:
    files = {"PASSWORD": b"a good long password\n", "LATIN": "ein gutes langes Paßwort\n".encode("latin-1")}
    for name, content in files.items():
        (shop.settings.data / name).write_bytes(content)

    result = runs(shop, *(str(shop.settings.data / word) if word in files else word for word in words))

    assert result.exit_code in {1, 2} and "Error: " in result.output, (result.output, result.exception)


@pytest.mark.parametrize("limit", ["0", str(10**9 + 1), str(2**31), str(10**20)])
def test_a_limit_of_uses_fits_where_it_is_stored(shop: Shop, limit: str) -> None:
    promotion(shop, "commanded")

    result = runs(shop, "orders", "coupons", "commanded", "--count", "1", "--use-limit", limit, "--reason", "a fair")

    assert result.exit_code == 2 and "Error: " in result.output, result.exception


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e300", "0", "soon"])
def test_an_audit_waits_for_some_seconds(shop: Shop, seconds: str) -> None:
    result = runs(shop, "audit", "--wait", seconds)

    assert result.exit_code == 2 and "Error: " in result.output, result.exception


@pytest.mark.parametrize(
    "command", ["users keys list", "db check", "db upgrade", "bus status", "users announce", "serve"]
)
def test_a_file_that_is_no_database_is_named_as_damaged(tmp_path: Path, command: str) -> None:
    shop = Shop(tmp_path, users, PORT=str(free_port()))
    shop.modules["users"].database.close()
    for file in tmp_path.glob("users.sqlite*"):
        file.unlink()
    (tmp_path / "users.sqlite").write_bytes(
        b"This is a text, and it is as long as the header of a database would be. " * 40
    )

    with shop.app.app_context():  # `flask serve` finds its application there
        result = runs(shop, *command.split())
    shop.close()

    assert result.exit_code == 1 and "restore it from a backup" in result.output, (result.output, result.exception)


def test_a_command_runs_under_an_id_without_an_account(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def getuser() -> str:
        raise KeyError("getpwuid(): uid not found: 1000650000")

    monkeypatch.setattr(getpass, "getuser", getuser)

    result = runs(shop, "users", "keys", "rotate")

    assert result.exit_code == 0, result.exception
    assert subjects(shop, "users")[0][0].startswith("shell:uid-")
