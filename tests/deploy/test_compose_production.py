"""docker-compose.production.yml, read by the loader of compose, with and without its variables."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import pytest
import yaml

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.modules.orders.settings import OrdersSettings
from tests.conftest import ROOT
from tests.deploy.kinds import KINDS
from tests.production import PRODUCTION
from tests.servers import compose_config

FILE, CHANGES = ROOT / "docker-compose.production.yml", ROOT / "deploy/production/compose.yml"
NEEDED = sorted(set(re.findall(r"\$\{(\w+):\?", CHANGES.read_text())))
MODULES = ("catalog", "orders", "users", "payments")
PROFILES = ("whole", "split")
OPEN = {"gateway", "gateway-whole"}
ON_LOOPBACK = {"prometheus", "prometheus-whole", "grafana"}
REACHES = {  # the servers that each process of the shop may reach
    "catalog": {"front", "measured", "kafka", "redis", "search", "catalog-db"},
    "orders": {"front", "measured", "kafka", "redis", "orders-db"},
    "payments": {"front", "measured", "kafka", "redis", "outside", "payments-db"},
    "users": {"front", "measured", "kafka", "redis", "users-db"},
    "gateway": {"public", "front"},
    "prometheus": {"measured", "shown"},
    "grafana": {"shown"},
    "catalog-db": {"catalog-db"},
    "orders-db": {"orders-db"},
    "users-db": {"users-db"},
    "payments-db": {"payments-db"},
    "redis": {"redis"},
    "kafka": {"kafka"},
    "elasticsearch": {"search"},
    "migrate": {"catalog-db", "orders-db", "users-db", "payments-db"},
    "topics": {"kafka"},
}


def own(name: str) -> str:
    """A non-default value for a variable."""
    made = {"GRAFANA_USER": "grace", "GATEWAY_NAME": "shop.example", "QUARTET_IMAGE": "registry.example/quartet:1.2.3"}
    files = {"GATEWAY_CERTIFICATE": "/etc/ssl/shop.pem", "GATEWAY_KEY": "/etc/ssl/shop.key"}
    return {**PRODUCTION, **made, **files}.get(name, f"own-{name.lower()}-Yb2RkVn6")


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sets all required variables."""
    for name in NEEDED:
        monkeypatch.setenv(name, own(name))
    yield


@cache
def resolved(profile: str) -> Any:
    """The services of a profile, as compose resolves them."""
    return yaml.safe_load(compose_config(FILE, profile))


def services(profile: str) -> Iterator[tuple[str, Any]]:
    yield from resolved(profile)["services"].items()


def test_without_its_variables_it_is_refused_and_each_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)

    with pytest.raises(subprocess.CalledProcessError) as refused:
        compose_config(FILE, "split")

    assert len(NEEDED) >= 20
    # the loader names only the first missing variable
    assert set(re.findall(r"required variable (\w+)", refused.value.stderr)) <= set(NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_none_of_its_variables_can_be_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")

    with pytest.raises(subprocess.CalledProcessError) as refused:
        compose_config(FILE, "split")

    assert f"required variable {name} is missing" in refused.value.stderr


def test_every_one_of_its_variables_is_in_the_example_of_an_environment() -> None:
    example = (ROOT / ".env.example").read_text()

    assert not [name for name in NEEDED if not re.search(rf"^#{name}=", example, re.M)]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_default_password_is_left(profile: str) -> None:
    text = yaml.safe_dump(resolved(profile))
    defaults = re.findall(r"\$\{(\w+):-([^}$]+)\}", (ROOT / "docker-compose.yml").read_text())
    passwords = {default for name, default in defaults if "PASSWORD" in name or name == "GRAFANA_USER"}

    assert passwords >= {"catalog", "orders", "users", "payments", "admin"}
    for password in passwords:
        assert f":{password}@" not in text
    for _, service in services(profile):
        for name, value in (service.get("environment") or {}).items():
            assert not (("PASSWORD" in name or "ADMIN_USER" in name) and value in passwords), name


@pytest.mark.parametrize("profile", PROFILES)
def test_each_process_has_no_right_that_it_can_do_without(profile: str) -> None:
    for name, service in services(profile):
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert not service.get("privileged") and not service.get("cap_add"), name
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name


@pytest.mark.parametrize("profile", PROFILES)
def test_only_the_gateway_is_reached_from_other_machines(profile: str) -> None:
    for name, service in services(profile):
        ports = service.get("ports", [])
        if name in OPEN:
            assert [(each["published"], each["target"]) for each in ports] == [("80", 8080), ("443", 8443)]
        else:
            assert bool(ports) is (name in ON_LOOPBACK), name
            assert all(each["host_ip"] == "127.0.0.1" for each in ports), name


def test_each_reaches_those_servers_that_it_must_and_no_other() -> None:
    reached = {name: set(service["networks"]) for name, service in services("split")}

    assert reached == REACHES
    databases = [f"{module}-db" for module in MODULES]
    for one, other in combinations(MODULES, 2):
        assert not reached[one] & reached[other] & set(databases)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_network_leads_out_but_for_those_that_must(profile: str) -> None:
    networks = resolved(profile)["networks"]

    assert {name for name, each in networks.items() if not each.get("internal")} == {"public", "outside", "shown"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_image_is_named_by_its_full_version_or_digest(profile: str) -> None:
    for name, service in services(profile):
        assert re.search(r":v?\d+\.\d+\.?\d*[\w.-]*$|@sha256:[0-9a-f]{64}$", service["image"]), (name, service["image"])
        assert "build" not in service, name
        assert service["image"].startswith("postgres:15.14") or service["image"].count(".") >= 2, name


@pytest.mark.parametrize("profile", PROFILES)
def test_the_shop_starts_with_what_it_is_given(profile: str) -> None:
    hosted = {"shop": MODULES, **{name: (name,) for name in MODULES}}
    given = {name: service["environment"] for name, service in services(profile) if name in hosted}

    assert given
    for name, environment in given.items():
        settings = Settings.from_environment({k: v for k, v in environment.items() if v is not None})
        assert settings.production
        for module in hosted[name]:
            own = settings.own(KINDS[module])
            assert own.database.startswith("postgresql+psycopg2://")
        account = "admin" if name == "shop" else name
        assert settings.kafka_options["sasl.username"] == account
        assert settings.kafka_options["security.protocol"] == "SASL_PLAINTEXT"
        assert "own-redis_password" in settings.redis_url


@pytest.mark.parametrize("profile", PROFILES)
def test_it_does_not_start_with_a_password_that_is_its_users(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_DATABASE_PASSWORD", "orders")
    found = yaml.safe_load(compose_config(FILE, profile))["services"]
    environment = found["shop" if profile == "whole" else "orders"]["environment"]

    settings = Settings.from_environment({k: v for k, v in environment.items() if v is not None})
    with pytest.raises(SettingsError, match=r"^ORDERS_DATABASE_URL has a password"):
        settings.own(OrdersSettings)


@pytest.mark.parametrize("profile", PROFILES)
def test_no_secret_is_on_a_command_line(profile: str) -> None:
    secrets = [own(name) for name in NEEDED if re.search("PASSWORD|SECRET|API_KEY", name)]

    assert len(secrets) > 12
    for name, service in services(profile):
        line = yaml.safe_dump([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert not [secret for secret in secrets if secret in line], name


def test_the_broker_requires_accounts_and_allows_only_what_an_acl_allows() -> None:
    properties = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
        if line and not line.startswith("#")
    )
    listeners = dict(each.split("://") for each in properties["listeners"].split(","))
    protocols = dict(each.split(":") for each in properties["listener.security.protocol.map"].split(","))

    assert properties["allow.everyone.if.no.acl.found"] == "false"
    assert properties["authorizer.class.name"].endswith("StandardAuthorizer")
    for name, where in listeners.items():
        assert protocols[name] == "SASL_PLAINTEXT" or where.startswith("127.0.0.1:"), name
    accounts = re.search(r"for account in (.+); do", (ROOT / "deploy/kafka/start.sh").read_text())
    assert accounts and set(accounts[1].split()) == {"admin", *MODULES}


def test_behind_another_proxy_the_gateway_does_without_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_LISTEN", "listen.conf")
    monkeypatch.setenv("GATEWAY_BEHIND", "10.0.0.0/8")

    found = yaml.safe_load(compose_config(FILE, "split"))

    mounted = {each["target"]: each["source"] for each in found["services"]["gateway"]["volumes"]}
    assert mounted["/etc/gateway/listen.conf"] == str(ROOT / "deploy/gateway/listen.conf")
    assert "set_real_ip_from 10.0.0.0/8;" in found["configs"]["front"]["content"]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_gateway_has_certificates_and_a_name(profile: str) -> None:
    found = dict(services(profile))
    gateway = found.get("gateway") or found["gateway-whole"]
    mounted = {each["target"]: each["source"] for each in gateway["volumes"] if each["type"] == "bind"}

    assert mounted["/etc/gateway/listen.conf"].endswith("deploy/gateway/listen-tls.conf")
    assert mounted["/etc/gateway/tls/certificate.pem"] == "/etc/ssl/shop.pem"
    assert mounted["/etc/gateway/tls/key.pem"] == "/etc/ssl/shop.key"
    assert '$secure_name { default "shop.example"; }' in resolved(profile)["configs"]["front"]["content"]
