"""Nothing is wrong, and the report is short: with default settings, and with every kind of server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import ROOT
from tests.doctor.steps import diagnosis, examined, read_by_people
from tests.shop import Shop
from tests.topologies import live_shop


def test_an_embedded_shop_is_well_and_the_report_is_short(shop: Shop) -> None:
    exit_code, published = read_by_people(shop.app)

    assert exit_code == 0
    assert published.endswith("\nEverything is in order.\n")
    assert len(published.splitlines()) <= 24
    assert "ok     database     catalog, orders, payments, users: SQLite, writable\n" in published


def test_an_embedded_shop_reports_which_parts_are_not_used(shop: Shop) -> None:
    found = examined(shop.app)

    assert found.not_well == []
    assert found.of("kafka") == [("ok", "not set: events stay within this process", "")]
    assert found.of("redis") == [("ok", "not set: each process counts rate limits for itself", "")]
    assert found.of("stripe") == [("ok", "no STRIPE_API_KEY: the sandbox is used, and no real money moves", "")]
    assert found.of("search") == [("ok", "0 products, as in the database", "")]


@pytest.mark.parametrize("module", [catalog, orders, payments, users], ids=lambda module: module.__name__)
def test_the_doctor_of_a_single_module_checks_only_that_module(module, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shop = Shop(tmp_path, module)

    found = examined(shop.app)

    name = module.__name__
    assert {each["about"] for each in found.results if each["name"] == "database"} == {name}
    assert [each[:2] for each in found.of("kafka")] == [
        ("warn", "not set: the events of this process reach no other module")
    ]
    shop.close()


@pytest.mark.slow
def test_a_shop_that_runs_on_real_servers_is_well(tmp_path: Path) -> None:
    with live_shop(tmp_path, split=False) as shop:
        shop.settle()
        variables = {**shop.live.variables, "PORT": str(shop.live.ports["whole"]), "QUARTET_DATA": str(tmp_path)}
        variables["SANDBOX_PORT"] = str(shop.live.sandbox_port)
        variables["THREADS"] = "4"  # with one, a busy machine looks like a server that is far away
        asked = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor", "--json"]

        result = subprocess.run(
            asked, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
        )

    found = diagnosis(result.returncode, result.stdout)
    assert found.not_well == [], json.dumps(found.not_well, indent=1)
    assert result.stderr == ""
    prefix = variables["KAFKA_TOPIC_PREFIX"]
    assert ("ok", f"PORT {variables['PORT']} is used by the running shop", "") in found.of("ports")
    assert [each[1] for each in found.of("groups", f"{prefix}orders")] == ["1 consumers, 0 events behind"]
    assert [each[1] for each in found.of("topics", f"{prefix}orders")] == [
        "6 partitions, 7 days of retention, 1 replicas"
    ]
    clocks = {each["about"] for each in found.results if each["name"] == "clock"}
    modules = {f"PostgreSQL of {name}" for name in ("catalog", "orders", "payments", "users")}
    assert clocks == {"Elasticsearch", "Redis", *modules}


def test_beside_a_database_without_tables_it_says_what_to_run_first(tmp_path: Path) -> None:
    app = create_app(catalog, orders, payments, users, settings=Shop(tmp_path).settings)

    exit_code, published = read_by_people(app)

    assert exit_code == 1
    assert "wrong  migrations   catalog, orders, payments, users: there are no tables yet\n" in published
    assert f"{'':<19} → run `flask db upgrade`\n" in published
    app.extensions["quartet_background"].stop(timeout=5)
