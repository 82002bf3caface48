"""deploy/kubernetes: valid by the schemas of Kubernetes, and in agreement with the project."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.runtime.background import DRAIN
from app.runtime.server import KILL
from tests.conftest import ROOT
from tests.deploy.kinds import KINDS, SHARED, names
from tests.production import PRODUCTION

FOLDER = ROOT / "deploy/kubernetes"
MAKERS = {"catalog": catalog, "orders": orders, "payments": payments, "users": users}
VERSIONS = ("1.29", kubernetes_validate.latest_version())
DOCKERFILE, COMPOSE = (ROOT / "Dockerfile").read_text(), (ROOT / "docker-compose.yml").read_text()
SECRET = {  # examples of the secret values
    **PRODUCTION,
    **{f"{name.upper()}_DATABASE_URL": f"postgresql+psycopg2://{name}:x3Yb2RkVn6Pc@db:5432/{name}" for name in MAKERS},
    "ELASTICSEARCH_URL": "https://quartet:x3Yb2RkVn6Pc@search:9200",
    "KAFKA_OPTIONS": "security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;sasl.username=a;sasl.password=x3Yb2RkVn6",
    "REDIS_URL": "rediss://:x3Yb2RkVn6Pc@redis:6379/0",
}


def documents() -> Iterator[Any]:
    """All objects of all files."""
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name != "kustomization.yaml":
            yield from yaml.safe_load_all(path.read_text())


def called(document: Any) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


ALL = {called(each): each for each in documents()}
PODS = {name: each["spec"]["template"]["spec"] for name, each in ALL.items() if "template" in each.get("spec", {})}
CONTAINERS = {
    f"{name}: {each['name']}": each
    for name, pod in PODS.items()
    for each in (*pod.get("initContainers", ()), *pod["containers"])
}
OF_MODULES = {name: each for name, each in CONTAINERS.items() if "envFrom" in each}
CONFIG = ALL["ConfigMap shared"]["data"]


def module_of(container: Any) -> str:
    """The module that a container hosts, by its variable APP."""
    (app,) = (each["value"] for each in container["env"] if each["name"] == "APP")
    found = re.fullmatch(r"app\.modules\.(\w+)\.wsgi", app)
    assert found
    return found[1]


def given(container: Any) -> dict[str, str]:
    """The variables of a container, with example secrets."""
    assert container["envFrom"] == [{"configMapRef": {"name": "shared"}}]
    own = {each["name"]: each.get("value") or SECRET[each["name"]] for each in container["env"]}
    return {**CONFIG, "ROOT_PUBLIC_KEYS": SECRET["ROOT_PUBLIC_KEYS"], **own}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ALL)
def test_kubernetes_accepts_it(name: str, version: str) -> None:
    kubernetes_validate.validate(ALL[name], version, strict=True)


def test_a_misspelt_field_would_be_found() -> None:
    wrong = yaml.safe_load(yaml.safe_dump(ALL["Deployment orders"]).replace("enableServiceLinks", "enableServiceLink"))

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_each_module_and_the_gateway_are_there_and_all_files_are_applied() -> None:
    for name in (*MAKERS, "gateway"):
        assert {f"Deployment {name}", f"Service {name}", f"PodDisruptionBudget {name}"} <= set(ALL)
    listed = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
    assert sorted([*listed, "kustomization.yaml"]) == sorted(path.name for path in FOLDER.iterdir())
    assert {each["metadata"].get("namespace", "quartet") for each in ALL.values()} == {"quartet"}


@pytest.mark.parametrize("name", OF_MODULES)
def test_a_container_is_given_settings_of_its_module_and_no_others(name: str) -> None:
    container = OF_MODULES[name]
    module = module_of(container)

    assert set(given(container)) - {"APP"} <= SHARED | names(KINDS[module])
    assert len(container["env"]) == len({each["name"] for each in container["env"]})


@pytest.mark.parametrize("name", OF_MODULES)
def test_production_starts_with_them(name: str, tmp_path: Path) -> None:
    variables, kind = given(OF_MODULES[name]), KINDS[module_of(OF_MODULES[name])]

    settings = Settings.from_environment({**variables, "QUARTET_DATA": str(tmp_path)})

    assert settings.production
    settings.own(kind)


@pytest.mark.parametrize("name", OF_MODULES)
def test_production_does_not_start_without_one_of_its_secrets_but_the_brokers(name: str, tmp_path: Path) -> None:
    container = OF_MODULES[name]
    needed = {each["name"] for each in container["env"] if "valueFrom" in each}
    for missing in needed - {"KAFKA_OPTIONS", "REDIS_URL", "ELASTICSEARCH_URL"}:
        variables = {key: value for key, value in given(container).items() if key != missing}
        with pytest.raises(SettingsError, match=missing):
            MAKERS[module_of(container)](Settings.from_environment({**variables, "QUARTET_DATA": str(tmp_path)}))


def test_no_secret_is_written_down_and_none_is_given_to_two_modules() -> None:
    references: dict[str, set[str]] = {}
    for container in OF_MODULES.values():
        for each in container["env"]:
            if "valueFrom" in each:
                secret = each["valueFrom"]["secretKeyRef"]
                assert secret["key"] == each["name"]
                references.setdefault(f"{secret['name']}/{secret['key']}", set()).add(module_of(container))

    shared = {"redis/REDIS_URL", "kafka-admin/KAFKA_OPTIONS"}
    assert {name for name, modules in references.items() if len(modules) > 1} == shared
    in_jobs = {each["name"] for name, each in OF_MODULES.items() if "kafka-admin" in str(each) and "Job" not in name}
    assert not in_jobs, "the broker's administrator is for the job of topics alone"
    assert not [name for name in CONFIG if re.search("SECRET|PASSWORD|PRIVATE|API_KEY|_URL", name)]
    section = (ROOT / "docs/deploying.md").read_text().partition("## On Kubernetes")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", section, re.MULTILINE)
    assert {f"{name}/{key}" for name, keys in documented for key in re.findall(r"`(\w+)`", keys)} == set(references)


@pytest.mark.parametrize("name", MAKERS)
def test_ports_and_probes_are_those_of_the_module(name: str, tmp_path: Path) -> None:
    variables = {**given(CONTAINERS[f"Deployment {name}: {name}"]), "QUARTET_DATA": str(tmp_path)}
    variables |= {"KAFKA_BOOTSTRAP_SERVERS": "", "REDIS_URL": ""}
    app = create_app(MAKERS[name], settings=Settings.from_environment(variables))
    container = CONTAINERS[f"Deployment {name}: {name}"]
    routes = {str(rule) for rule in app.url_map.iter_rules()}

    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    hosted = app.extensions["quartet_modules"][name]
    hosted.database.close()
    (port,) = re.findall(r"\bPORT=(\d+)", DOCKERFILE)
    assert ports == {"http": int(port), "metrics": hosted.metrics_port}
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": "/livez",
        "liveness": "/livez",
        "readiness": "/readyz",
    }
    assert {probe["path"] for probe in probes.values()} <= routes
    assert {probe["port"] for probe in probes.values()} == {"http"}


def test_the_gateway_finds_the_modules_at_their_services() -> None:
    addresses = dict(re.findall(r"^ +(\w+) +(\S+);$", ALL["ConfigMap gateway-here"]["data"]["addresses.conf"], re.M))
    services = {
        name: f"{name}.quartet.svc.cluster.local:{ALL[f'Service {name}']['spec']['ports'][0]['port']}"
        for name in MAKERS
    }

    assert addresses == services
    theirs = (ROOT / "deploy/gateway/addresses.conf").read_text()
    assert {name: f"{name}:5000" for name in MAKERS} == dict(re.findall(r"^ +(\w+) +(\S+);$", theirs, re.M))
    gateway = CONTAINERS["Deployment gateway: gateway"]
    assert f"image: {gateway['image']}\n" in COMPOSE
    assert f"command: [{', '.join(gateway['command'])}]" in COMPOSE
    nginx = (ROOT / "deploy/gateway/nginx.conf").read_text()
    for kind in ("liveness", "readiness"):
        assert f"location = {gateway[f'{kind}Probe']['httpGet']['path']} {{" in nginx
    assert f"listen {gateway['ports'][0]['containerPort']};" in (ROOT / "deploy/gateway/listen.conf").read_text()
    mounted = {each["subPath"] for each in gateway["volumeMounts"] if each["name"] == "here"}
    assert mounted == set(ALL["ConfigMap gateway-here"]["data"])
    assert all((ROOT / "deploy/gateway" / name).is_file() for name in mounted)


@pytest.mark.parametrize("name", [name for name in PODS if name.startswith("Deployment")])
def test_a_pod_ends_after_its_requests_and_never_all_at_once(name: str) -> None:
    spec = ALL[name]["spec"]

    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > int(CONFIG["GRACE_SECONDS"]) + KILL + DRAIN
    budget = ALL[name.replace("Deployment", "PodDisruptionBudget")]["spec"]
    assert 0 < budget["minAvailable"] < spec["replicas"]
    labels = spec["template"]["metadata"]["labels"]
    for selector in (spec["selector"], budget["selector"]):
        assert selector["matchLabels"].items() <= labels.items()
    service = ALL[name.replace("Deployment", "Service")]["spec"]
    assert service["selector"].items() <= labels.items()


@pytest.mark.parametrize("name", PODS)
def test_a_pod_learns_nothing_of_the_cluster(name: str) -> None:
    assert PODS[name]["enableServiceLinks"] is False
    assert PODS[name]["automountServiceAccountToken"] is False
    context = PODS[name]["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert context["runAsUser"] == (101 if "gateway" in name else int(re.findall(r"^USER (\d+)$", DOCKERFILE, re.M)[0]))


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_no_right_that_it_can_do_without(name: str) -> None:
    container = CONTAINERS[name]

    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for kind in ("requests", "limits"):
        assert set(container["resources"][kind]) == {"cpu", "memory"}
    if "envFrom" in container:
        places = {each["mountPath"] for each in container["volumeMounts"]}
        assert places == {re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.M)[0], "/tmp"}
    copied = re.findall(r"^COPY (\S+) \1$", DOCKERFILE, re.M)
    assert all(word.split("/")[3] in copied for word in container.get("command", ()) if word.startswith("/srv/quartet"))


def test_the_jobs_do_what_compose_does_before_a_shop_starts() -> None:
    commands = {name: each["command"][1:] for name, each in CONTAINERS.items() if name.startswith("Job")}

    for module in MAKERS:
        entry = ["--app", f"app.modules.{module}.wsgi"]
        assert commands.pop(f"Job migrate: {module}") == [*entry, "db", "upgrade"]
        assert commands.pop(f"Job topics: {module}") == [*entry, "bus", "acls", "--apply"]
    assert [words[2:] for words in commands.values()] == [["bus", "topics"]]
