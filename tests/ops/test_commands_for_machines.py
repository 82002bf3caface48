"""What cron and scripts require of a command: one JSON document, and an exit code that shows whether all is well."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result
from sqlalchemy import text

from app.kernel import clock
from app.modules.catalog.module import catalog
from app.modules.orders.infrastructure import tables
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import ROOT
from tests.ops.steps import consumes, offer, without_table
from tests.orders.steps import order_in
from tests.shop import ALICE, Shop

DO_SOMETHING = {  # and list nothing; a command is either here or takes --json
    *("serve", "db upgrade", "db revision", "demo load", "docs write"),
    *("bus acls", "bus prune", "bus replay", "bus republish", "bus rewind", "bus topics", "bus run"),
    *("bus parked discard", "bus parked retry", "bus parked show"),
    *("catalog announce", "catalog reindex", "catalog verify-index"),
    *("orders cancel", "orders coupons", "orders documents", "orders nudge", "orders show", "orders write-off"),
    *("users announce", "users create-admin", "users keys rotate", "users make-root"),
}
OF_EXTENSIONS = {"openapi"}


@pytest.fixture
def shop(sandbox: str, tmp_path: Path) -> Iterator[Shop]:
    """All four modules, with a Stripe that answers."""
    whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE=sandbox)
    yield whole
    whole.close()


def publishes(shop: Shop, *words: str) -> Result:
    return shop.app.test_cli_runner().invoke(args=list(words))


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command of a group, by what one types."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, (*path, name))
    else:
        yield " ".join(path), command


def commands(shop: Shop) -> dict[str, click.Command]:
    """The commands that are ours, not Flask's."""
    return {path: each for path, each in leaves(shop.app.cli) if path.split()[0] not in OF_EXTENSIONS}


def takes_json(command: click.Command) -> bool:
    """Whether the command has the option --json."""
    return any("--json" in each.opts for each in command.params)


def test_every_command_that_lists_prints_one_json_document(shop: Shop) -> None:
    listing = sorted(path for path, each in commands(shop).items() if takes_json(each))

    assert len(listing) > 10
    for path in listing:
        result = publishes(shop, *path.split(), "--json", *(["--wait", "0.1"] if path == "audit" else []))
        assert result.exit_code in {0, 1}, f"{path}: {result.output}"
        reported = json.loads(result.stdout)
        assert isinstance(reported, dict) and isinstance(reported.get("items", reported.get("results")), list), path


def test_a_command_that_says_that_it_lists_takes_json(shop: Shop) -> None:
    listing = {path for path, each in commands(shop).items() if (each.help or "").startswith("List ")}

    assert len(listing) > 5
    assert [path for path in sorted(listing) if not takes_json(commands(shop)[path])] == []


def test_every_other_command_is_known_to_list_nothing(shop: Shop) -> None:
    assert {path for path, each in commands(shop).items() if not takes_json(each)} == DO_SOMETHING


@pytest.mark.parametrize("command", ["bus parked list", "bus parked causes"])
def test_parked_events_end_it_with_1_and_are_in_the_document(shop: Shop, command: str) -> None:
    quiet = publishes(shop, *command.split())
    with without_table(shop, "orders", "offers"):
        consumes(shop, "orders", offer("MUG"))
    found, reported = publishes(shop, *command.split()), publishes(shop, *command.split(), "--json")

    assert (quiet.exit_code, found.exit_code, reported.exit_code) == (0, 1, 1)
    [item] = json.loads(reported.stdout)["items"]
    assert item["type"] == "catalog.offer_changed.v1"
    assert item.get("id") == "orders/1" or item["example"] == "orders/1"


def test_a_stuck_order_ends_it_with_1_and_is_in_the_document(shop: Shop) -> None:
    order_id = order_in(shop, shop.as_customer(ALICE), "placed")
    quiet = publishes(shop, "orders", "stuck")
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(tables.orders.update().values(deadline=clock.now() - timedelta(hours=1)))

    found, reported = publishes(shop, "orders", "stuck"), publishes(shop, "orders", "stuck", "--json")

    assert (quiet.exit_code, found.exit_code, reported.exit_code) == (0, 1, 1)
    [item] = json.loads(reported.stdout)["items"]
    assert set(item) == {"order_id", "status", "waits_for", "since", "advice"}
    assert (item["order_id"], item["status"]) == (order_id, "placed")


@pytest.mark.parametrize("command", ["orders stuck", "bus parked list", "audit", "doctor", "db check"])
def test_a_slip_of_the_pen_ends_it_with_2(shop: Shop, command: str) -> None:
    assert publishes(shop, *command.split(), "--no-such-option").exit_code == 2


def test_a_database_that_lacks_a_migration_is_behind(shop: Shop) -> None:
    before = publishes(shop, "db", "check")
    at(shop, "orders", "0007")

    result, reported = publishes(shop, "db", "check"), current(shop)["orders"]
    history = json.loads(publishes(shop, "db", "history", "--json").stdout)["items"]

    assert (before.exit_code, result.exit_code) == (0, 1), before.output
    assert reported["revision"] == "0007" and reported["head"] == reported["missing"][-1]
    assert reported["missing"][0] == "0008" and not reported["newer_than_code"]
    assert "missing 0008" in result.output and "run `flask db upgrade`" in result.output
    applied = [each["revision"] for each in history if each["module"] == "orders" and each["applied"]]
    assert applied == [f"000{number}" for number in range(1, 8)]


def test_a_database_that_a_newer_version_has_migrated_is_ahead_and_no_failure(shop: Shop) -> None:
    at(shop, "orders", "9999")

    assert publishes(shop, "db", "check").exit_code == 0
    reported = current(shop)["orders"]
    assert (reported["newer_than_code"], reported["missing"], reported["revision"]) == (True, [], "9999")
    assert "ahead: a newer version has migrated it" in publishes(shop, "db", "current").output


def test_a_database_without_tables_misses_everything(shop: Shop) -> None:
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    assert current(shop)["orders"]["missing"][0] == "0001"
    assert publishes(shop, "db", "check").exit_code == 1


def at(shop: Shop, module: str, revision: str) -> None:
    """Set the revision of a module's database."""
    with shop.modules[module].database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def current(shop: Shop) -> dict[str, Any]:
    """The output of `flask db current --json`, by module."""
    return {each["module"]: each for each in json.loads(publishes(shop, "db", "current", "--json").stdout)["items"]}


@pytest.mark.parametrize("way", ["stdin", "file", "variable"])
def test_an_admin_is_made_where_there_is_no_terminal(shop: Shop, way: str) -> None:
    secret = shop.settings.data / "password"
    secret.write_text("a good long password\n")
    words = {"stdin": ["--password-stdin"], "file": ["--password-file", str(secret)], "variable": []}[way]
    typed = "a good long password\n" if way == "stdin" else ""
    variables = {"ADMIN_PASSWORD": "a good long password"} if way == "variable" else {}

    command = ["users", "create-admin", "root@shop.example.com", *words]
    made = shop.app.test_cli_runner().invoke(args=command, input=typed, env=variables)

    assert made.exit_code == 0, made.output
    body = {"email": "root@shop.example.com", "password": "a good long password"}
    assert shop.as_guest().post("/auth/login", body).status_code == 200
    assert "a good long password" not in made.output


@pytest.mark.slow
def test_without_a_terminal_and_without_a_password_it_says_how_to_give_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app.modules.users.wsgi", "users", "create-admin"]
    environment = os.environ | {"QUARTET_DATA": str(tmp_path)}
    subprocess.run([*command[:5], "db", "upgrade"], cwd=ROOT, env=environment, check=True, capture_output=True)

    refused = subprocess.run(  # in a session of its own, which has no terminal
        [*command, "root@shop.example.com"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        capture_output=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )

    assert refused.returncode == 2
    assert "--password-stdin, --password-file or ADMIN_PASSWORD" in refused.stderr
    assert "Traceback" not in refused.stderr
