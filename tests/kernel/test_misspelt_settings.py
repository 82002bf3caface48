"""Variables that are nearly settings: production does not start with them, and development says so."""

import re

import pytest

from app.config.settings import NAMES, Settings, SettingsError
from app.config.slips import slips
from tests.conftest import ROOT
from tests.production import PRODUCTION


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
    assert dict(slips({slip}, NAMES)).get(slip, "") == meant


@pytest.mark.parametrize(
    "name",
    [
        "PATH HOME HOSTNAME LANG USER SHELL PWD TERM PORTS POST DATABASE_URL KAFKA_OPTS KAFKA_HEAP_OPTS CATALOG USERS",
        "REDIS_PORT REDIS_SERVICE_HOST KAFKA_PORT_9092_TCP METRICS_PORT_9000_TCP SANDBOX_PORTS USERS_SERVICE_PORT",
        "TEST_REDIS_URL OTEL_EXPORTER_OTLP_HEADERS OTEL_RESOURCE_ATTRIBUTES GRAFANA_PASSWORD APP",
    ],
)
def test_what_others_set_is_no_slip(name: str) -> None:
    assert list(slips(name.split(), NAMES)) == []


def test_no_setting_is_taken_for_another() -> None:
    assert len(NAMES) > 40
    assert list(slips(NAMES, NAMES)) == []


@pytest.mark.parametrize("slip", ["KAFKA_BOOTSTRAP", "REDIS_URI", "stripe_api_key"])
def test_production_does_not_start_with_a_slip(slip: str) -> None:
    with pytest.raises(SettingsError, match=f"^{slip} is set, and is no setting: rename it to "):
        Settings.from_environment({**PRODUCTION, slip: "x"})


def test_development_starts_with_one() -> None:
    assert Settings.from_environment({"REDIS_URI": "x"}) == Settings.from_environment({})


def test_nothing_that_compose_reads_is_taken_for_a_slip() -> None:
    names = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(names) >= NAMES
    assert list(slips(names, NAMES)) == []
