"""Misspelt settings: production does not start with them, development warns of them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.config.misspelt import misspelt
from app.config.reading import SettingsError
from app.config.settings import Settings
from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import ROOT
from tests.production import production_in

NAMES = frozenset(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("KAFKA_BOOTSTRAP", "KAFKA_BOOTSTRAP_SERVERS"),
        ("KAFKA_BOOTSTRAP_SERVER", "KAFKA_BOOTSTRAP_SERVERS"),
        ("KAFKA_BOOTSTRAP_SERV", "KAFKA_BOOTSTRAP_SERVERS"),
        ("ELASTICSEARCH", "ELASTICSEARCH_URL"),
        ("ELASTICSEARCH_URI", "ELASTICSEARCH_URL"),
        ("REDIS_URI", "REDIS_URL"),
        ("redis_url", "REDIS_URL"),
        ("ORDER_DATABASE_URL", "ORDERS_DATABASE_URL"),
        ("ORDERS_DATABASE", "ORDERS_DATABASE_URL"),
        ("QUARTET_EVN", "QUARTET_ENV"),
        ("STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRETS"),
        ("STRIPE_APIKEY", "STRIPE_API_KEY"),
        ("SIGNING_KEY", "SIGNING_KEY_SECRET"),
        ("TRUSTED_PROXY", ""),
        ("TRUSTED_PROXYS", "TRUSTED_PROXIES"),
        ("TRUSTED_PROXIE", "TRUSTED_PROXIES"),
        ("WORKER", "WORKERS"),
    ],
)
def test_what_was_meant_is_found(slip: str, meant: str) -> None:
    assert dict(misspelt({slip}, NAMES)).get(slip, "") == meant


@pytest.mark.parametrize(
    "name",
    [
        "PATH HOME HOSTNAME LANG USER SHELL PWD TERM PORTS POST DATABASE_URL KAFKA_OPTS KAFKA_HEAP_OPTS CATALOG USERS",
        "REDIS_PORT REDIS_SERVICE_HOST KAFKA_PORT_9092_TCP METRICS_PORT_9000_TCP SANDBOX_PORTS USERS_SERVICE_PORT",
        "TEST_REDIS_URL OTEL_EXPORTER_OTLP_HEADERS OTEL_RESOURCE_ATTRIBUTES GRAFANA_PASSWORD APP",
    ],
)
def test_variables_of_other_programs_are_not_misspelt_settings(name: str) -> None:
    assert list(misspelt(name.split(), NAMES)) == []


def test_no_setting_is_taken_for_another() -> None:
    assert len(NAMES) > 40
    assert list(misspelt(NAMES, NAMES)) == []


@pytest.mark.parametrize("slip", ["KAFKA_BOOTSTRAP", "REDIS_URI", "stripe_api_key"])
def test_production_does_not_start_with_a_misspelt_setting(slip: str, tmp_path: Path) -> None:
    settings = Settings.from_environment(production_in(tmp_path) | {slip: "x"})

    with pytest.raises(SettingsError, match=f"^{slip} is set, but it is not a setting: rename it to "):
        create_app(catalog, orders, users, payments, settings=settings)


def test_a_module_alone_takes_no_setting_of_another_for_a_slip(apps: dict[str, Flask]) -> None:
    for app in apps.values():
        settings = app.extensions["quartet_settings"]
        own = [module.settings for module in app.extensions["quartet_modules"].values()]

        assert replace(settings, variables=dict.fromkeys(NAMES, "x")).misspelt(own) == {}


def test_nothing_that_compose_reads_is_taken_for_a_slip() -> None:
    names = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(names) >= NAMES
    assert list(misspelt(names, NAMES)) == []
