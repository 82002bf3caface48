"""docker-compose.yml, read by the loader of compose: it agrees with the settings and the addresses of tests."""

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from app.config.settings import Settings
from tests.conftest import ROOT
from tests.deploy.kinds import KINDS, OURS, SHARED
from tests.deploy.kinds import names as own_names
from tests.servers import DEFAULTS, compose_config
from tests.topologies import MODULES

FILE = ROOT / "docker-compose.yml"
PROFILES = {
    "servers": {"catalog-db", "orders-db", "users-db", "payments-db", "redis", "kafka", "elasticsearch"},
    "whole": {"shop", "gateway-whole", "migrate", "topics", "prometheus-whole", "grafana"},
    "demo": {"demo", "shop", "gateway-whole", "migrate", "topics", "prometheus-whole", "grafana"},
    "split": {"catalog", "orders", "users", "payments", "gateway", "migrate", "topics", "prometheus", "grafana"},
}
DATABASES = {name: f"{name}-db" for name in ("catalog", "orders", "users", "payments")}
ITS_OWN = {
    f"{name.upper()}_DATABASE_URL" for name in DATABASES
} | {  # the addresses of its servers, and that there is a gateway
    "KAFKA_BOOTSTRAP_SERVERS",
    "REDIS_URL",
    "ELASTICSEARCH_URL",
    "GRACE_SECONDS",
}
OF_THE_IMAGE = {
    "HOST",
    "PORT",
    "METRICS_PORT",
    "QUARTET_DATA",
}  # set in the container: where it listens, and its data folder


@cache
def resolved(profile: str) -> Any:
    """The services of a profile, as compose resolves them."""
    return yaml.safe_load(compose_config(FILE, profile))["services"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_has_what_it_needs(profile: str) -> None:
    there = set(resolved(profile))

    assert there >= PROFILES[profile] | PROFILES["servers"]
    assert there.isdisjoint(set().union(*PROFILES.values()) - PROFILES[profile] - PROFILES["servers"])


def test_the_servers_are_where_tests_look_for_them() -> None:
    services = resolved("servers")
    ports = {name: int(each["ports"][0]["published"]) for name, each in services.items()}

    for module, service in DATABASES.items():
        wanted = urlsplit(DEFAULTS[f"TEST_{module.upper()}_DATABASE_URL"])
        environment = services[service]["environment"]
        assert ports[service] == wanted.port
        names = [environment[f"POSTGRES_{name}"] for name in ("USER", "PASSWORD", "DB")]
        assert names == [wanted.username, wanted.password, wanted.path.strip("/")] == [module] * 3
    for service, variable in (("redis", "TEST_REDIS_URL"), ("elasticsearch", "TEST_ELASTICSEARCH_URL")):
        assert ports[service] == urlsplit(DEFAULTS[variable]).port
    assert DEFAULTS["TEST_KAFKA_BOOTSTRAP_SERVERS"] == f"127.0.0.1:{ports['kafka']}"
    assert urlsplit(DEFAULTS["STRIPE_MOCK_URL"]).port == ports["stripe-mock"]


def test_the_example_of_an_environment_has_their_addresses() -> None:
    stated = dict(re.findall(r"^#   ([A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.M))

    looked_for = {name.removeprefix("TEST_"): address for name, address in DEFAULTS.items()}
    assert stated == {name: address for name, address in looked_for.items() if name in OURS}
    assert len(stated) == 7


def test_every_variable_that_it_reads_is_in_the_example_of_an_environment() -> None:
    example = dict(re.findall(r"^#([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    read = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", FILE.read_text()))

    assert len(read) > 30
    assert set(read) <= set(example)
    assert {name: default for name, default in read.items() if default not in ("", example[name])}.keys() == ITS_OWN
    assert all(name in OURS for name, default in read.items() if not default and name != "GATEWAY_NAME")


def test_every_variable_of_the_example_reaches_the_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    example, _, _ = (ROOT / ".env.example").read_text().partition("Read only by docker-compose.production.yml")
    names = set(re.findall(r"^#([A-Z_]+)=", example, re.M))
    for name in names:
        monkeypatch.setenv(name, f"x-{name}-x")

    whole, split = (compose_config(FILE, profile) for profile in ("whole", "split"))

    for text in (whole, split):
        reached = {name for name in names if f"x-{name}-x" in text}
        assert names - reached == OF_THE_IMAGE, "tests/deploy/test_compose_production.py has the others"
    services = yaml.safe_load(split)["services"]
    for module, kind in KINDS.items():
        environment = services[module]["environment"]
        reached = {name for name in OURS if f"x-{name}-x" in str(environment.get(name, ""))}
        assert reached == (SHARED | own_names(kind)) - OF_THE_IMAGE, "its own, and none of another's"


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_is_reached_from_other_machines(profile: str) -> None:
    for name, service in resolved(profile).items():
        assert all(port["host_ip"] == "127.0.0.1" for port in service.get("ports", ())), name


@pytest.mark.parametrize("profile", ["whole", "split", "demo"])
def test_every_variable_that_the_shop_is_given_is_a_setting(profile: str) -> None:
    for name, service in resolved(profile).items():
        if service.get("image") == "quartet:local":
            assert set(service["environment"]) - {"APP"} <= OURS, name
            settings = Settings.from_environment({k: v for k, v in service["environment"].items() if v is not None})
            for kind in KINDS.values():
                settings.own(kind)


def test_each_module_is_given_its_own_database_and_no_other() -> None:
    for module in DATABASES:
        given = {name for name in resolved("split")[module]["environment"] if name.endswith("_DATABASE_URL")}
        assert given == {f"{module.upper()}_DATABASE_URL"}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_long_running_service_has_a_health_check(profile: str) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name, service in resolved(profile).items():
        once = service["restart"] == "on-failure:3"
        own = "test" in service.get("healthcheck", {})
        assert own or once or "build" in service or name == "stripe-mock", name
    assert "HEALTHCHECK" in dockerfile


@pytest.mark.parametrize("profile", ["whole", "split", "demo"])
def test_the_shop_starts_after_its_tables_and_topics_are_made(profile: str) -> None:
    for name, service in resolved(profile).items():
        if service.get("image") == "quartet:local" and name not in {"migrate", "topics"}:
            waits = {other: how["condition"] for other, how in service["depends_on"].items()}
            assert waits["migrate"] == waits["topics"] == "service_completed_successfully"


def test_the_demo_is_the_whole_shop_with_demo_data_loaded_before_it_starts() -> None:
    demo, whole = dict(resolved("demo")), resolved("whole")
    loading = demo.pop("demo")

    assert loading["command"] == ["flask", "--app", "wsgi", "demo", "load"]
    assert loading["environment"]["QUARTET_ENV"] == "development"
    waits = demo["shop"]["depends_on"].pop("demo")
    assert waits["condition"] == "service_completed_successfully"
    assert set(demo) == set(whole)
    assert {name: each["image"] for name, each in demo.items()} == {n: each["image"] for n, each in whole.items()}
    assert demo["gateway-whole"]["depends_on"]["shop"]["condition"] == "service_healthy"
    assert "demo" not in whole and whole["shop"]["depends_on"]["demo"]["required"] is False


def test_the_gateway_is_a_trusted_proxy() -> None:
    services = resolved("split")

    stands = services["gateway"]["networks"]["inside"]["ipv4_address"]
    assert {services[name]["environment"]["TRUSTED_PROXIES"] for name in DATABASES} == {stands}


@pytest.mark.parametrize(
    ("profile", "service"), [("whole", "prometheus-whole"), ("demo", "prometheus-whole"), ("split", "prometheus")]
)
def test_prometheus_scrapes_each_deployable_at_its_metrics_port(profile: str, service: str, tmp_path: Path) -> None:
    services = resolved(profile)
    mounted = {each["target"]: Path(each["source"]) for each in services[service]["volumes"] if each["type"] == "bind"}
    targets = mounted.get("/etc/prometheus/targets.yml", mounted["/etc/prometheus"] / "targets.yml")
    settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path)})
    own = {name: make(settings).metrics_port for name, make in MODULES.items()} if profile == "split" else {}

    asked = dict(target.split(":") for group in yaml.safe_load(targets.read_text()) for target in group["targets"])

    assert asked == {name: str(port) for name, port in (own or {"shop": settings.port}).items()}
    assert not any(services[name].get("ports") for name in asked), "reached from the inside network only"


@pytest.mark.parametrize("profile", ["whole", "split", "demo"])
def test_grafana_finds_prometheus_and_the_dashboards(profile: str) -> None:
    services = resolved(profile)
    mounted = {
        each["target"]: Path(each["source"]) for each in services["grafana"]["volumes"] if each["type"] == "bind"
    }
    provisioning = mounted["/etc/grafana/provisioning"]
    [source] = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    [provider] = yaml.safe_load((provisioning / "dashboards/quartet.yml").read_text())["providers"]

    named = {
        known
        for name, each in services.items()
        for known in (name, *((each["networks"]["inside"] or {}).get("aliases") or ()))
    }
    assert urlsplit(source["url"]).hostname in named
    assert len(list(mounted[provider["options"]["path"]].glob("*.json"))) == 6


@pytest.mark.parametrize("profile", ["whole", "split", "demo"])
def test_prometheus_and_grafana_are_at_the_documented_addresses(profile: str) -> None:
    published = {
        service["image"].split(":")[0]: [(each["host_ip"], each["published"]) for each in service["ports"]]
        for service in resolved(profile).values()
        if service["image"].startswith(("prom/", "grafana/"))
    }

    assert published == {"prom/prometheus": [("127.0.0.1", "9090")], "grafana/grafana": [("127.0.0.1", "2000")]}


def test_the_file_keeps_no_secret() -> None:
    assignments = re.findall(r"(\w*(?:SECRET|PASSWORD|API_KEY)\w*): (\S+)", FILE.read_text())

    assert assignments
    assert all(value.strip('"').startswith("${") for _, value in assignments)


def test_every_image_has_its_version() -> None:
    images = re.findall(r"image: (\S+)", FILE.read_text()) + re.findall(
        r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M
    )

    assert len(images) > 7
    assert all(re.fullmatch(r"[\w./-]+:v?[\w.-]*\d[\w.-]*|quartet:local", image) for image in images), images
