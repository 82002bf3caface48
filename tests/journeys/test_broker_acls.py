"""A broker with ACLs: what `flask bus acls` grants is what a module needs, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from app.bus.contracts import PUBLISHERS
from app.bus.transport import kafka_admin
from app.bus.transport.kafka_brokers import connection
from app.config.settings import Settings
from app.factory import create_app
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from tests.conftest import ROOT, until
from tests.journeys.guarded_broker import Guarded, guarded_broker
from tests.production import production_in

pytestmark = pytest.mark.slow
MODULES = {"orders": orders, "payments": payments}
REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,  # an account that may write to no topic gets no producer id
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A broker with the topics. orders is granted its ACLs by the printed commands, payments by `--apply`."""
    folder = tmp_path_factory.mktemp("guarded")
    with guarded_broker(folder) as guarded:
        assert refuses(lambda: writes(guarded, "orders", "orders"))
        kafka_admin.make_topics(guarded.settings("admin"), PUBLISHERS)
        runs_in_a_shell(flask(guarded, "orders", folder, "bus", "acls"), guarded, folder)
        granted = flask(guarded, "admin", folder, "bus", "acls", "--apply", module="payments")
        assert granted == "Granted to payments.\n"
        yield guarded


def flask(broker: Guarded, account: str, folder: Path, *words: str, module: str = "orders", **more: str) -> str:
    """Run a flask command of a module that connects with this account; returns its output."""
    variables = {"QUARTET_DATA": str(folder), **broker.variables(account), **more}
    app = create_app(MODULES[module], settings=Settings.from_environment(variables))
    result = app.test_cli_runner().invoke(args=words)
    app.extensions["quartet_background"].stop(timeout=5)
    assert result.exit_code == 0 or words[0] == "doctor", result.output
    return result.stdout


def trust(broker: Guarded, account: str, folder: Path) -> list[tuple[str, str, str]]:
    """The results of `flask doctor` in production about authentication and ACLs."""
    reported: Any = json.loads(flask(broker, account, folder, "doctor", "--json", **production_in(folder)))
    mine = [each for each in reported["results"] if each["name"] in {"kafka trust", "kafka acls"}]
    return [(each["state"], each["sentence"], each["advice"]) for each in mine]


def runs_in_a_shell(printed: str, broker: Guarded, folder: Path) -> None:
    """Run exactly the printed lines, with a stand-in for Kafka's tool."""
    tool = folder / "kafka-acls.sh"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/tests/journeys/kafka_acls.py "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    admin = broker.settings("admin").kafka_options
    lines = "\n".join(f"{name}={value}" for name, value in admin.items())
    (folder / "admin.properties").write_text(lines, encoding="utf-8")
    path = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-e"], input=printed, cwd=folder, env=path, text=True, check=True, timeout=60)


def writes(broker: Guarded, account: str, topic: str, password: str | None = None) -> None:
    """Write one event to a topic. Raises KafkaException if the broker rejects it."""
    settings = Settings.from_environment(broker.variables(account, password))
    reported: list[KafkaError | None] = []
    options: dict[str, Any] = {"enable.idempotence": True, "error_cb": reported.append, "log_level": 0}
    producer = Producer(connection(settings) | options)
    producer.produce(topic, b"{}", "key", on_delivery=lambda error, _: reported.append(error))
    until(lambda: producer.poll(0.1) or reported, "the broker accepts or rejects it")
    producer.purge()
    if error := next(iter(reported)):
        raise KafkaException(error)


def receives(broker: Guarded, account: str, topic: str, group: str) -> int:
    """Read a topic; returns the number of events. Raises KafkaException if the broker refuses."""
    options: dict[str, Any] = {"group.id": group, "auto.offset.reset": "earliest", "log_level": 0}
    client = Consumer(connection(broker.settings(account)) | options)
    client.subscribe([topic])
    try:
        return len(until(lambda: _read(client), f"{topic} is read"))
    finally:
        client.close()


def _read(client: Consumer) -> list[bytes | None]:
    found = client.consume(10, 0.2)
    for each in found:
        if each.error():
            raise KafkaException(each.error())
    return [each.value() for each in found]


def refuses(what: Callable[[], object]) -> bool:
    """Whether the broker refuses this for lack of authorization."""
    try:
        what()
    except KafkaException as error:
        assert error.args[0].code() in REFUSED, error
        return True
    return False


def test_a_module_writes_its_own_topic_and_no_other(broker: Guarded) -> None:
    assert {topic: refuses(lambda topic=topic: writes(broker, "orders", topic)) for topic in PUBLISHERS} == {  # type: ignore[misc]
        topic: topic != "orders" for topic in PUBLISHERS
    }
    assert refuses(lambda: writes(broker, "payments", "users"))


def test_a_module_reads_what_it_subscribes_to_as_its_own_group_alone(broker: Guarded) -> None:
    writes(broker, "payments", "payments")

    assert receives(broker, "orders", "payments", "orders") == 1
    assert refuses(lambda: receives(broker, "orders", "payments", "payments"))
    assert refuses(lambda: receives(broker, "payments", "catalog", "payments"))


def test_an_account_without_grants_can_write_nothing(broker: Guarded) -> None:
    assert all(refuses(lambda topic=topic: writes(broker, "catalog", topic)) for topic in PUBLISHERS)  # type: ignore[misc]


def test_the_doctor_reports_a_wrong_password(broker: Guarded, tmp_path: Path) -> None:
    wrong = {**broker.variables("orders", "wrong"), "QUARTET_DATA": str(tmp_path)}
    app = create_app(orders, settings=Settings.from_environment(wrong))
    reported: Any = json.loads(app.test_cli_runner().invoke(args=["doctor", "--json"]).stdout)
    app.extensions["quartet_background"].stop(timeout=5)

    [found] = [each for each in reported["results"] if each["name"] == "kafka"]
    assert found["sentence"] == f"{broker.servers} refuses our user name and password"


def test_the_doctor_of_a_module_accepts_a_broker_with_acls(broker: Guarded, tmp_path: Path) -> None:
    assert trust(broker, "orders", tmp_path) == [
        ("ok", "SASL_SSL: clients are authenticated", ""),
        ("ok", "this account may do no more than it needs", ""),
    ]
    reported: Any = json.loads(flask(broker, "orders", tmp_path, "doctor", "--json"))
    topics = [each for each in reported["results"] if each["name"] == "topics"]
    assert topics and all("cannot be checked" not in each["sentence"] for each in topics)


def test_the_doctor_warns_of_an_account_that_may_do_more(broker: Guarded, tmp_path: Path) -> None:
    [_, (state, sentence, advice)] = trust(broker, "admin", tmp_path)
    [_, (of_another, about, _)] = trust(
        broker, "payments", tmp_path
    )  # run by orders, which must not have the rights of payments

    assert (state, of_another) == ("warn", "warn")
    assert sentence.endswith("more than it needs on catalog, orders, payments, users")
    assert about.endswith("more than it needs on payments")
    assert "flask bus acls" in advice


def test_a_module_cannot_create_topics(broker: Guarded) -> None:
    with pytest.raises(kafka_admin.CannotDo, match="Authorization failed"):
        kafka_admin.make_topics(broker.settings("orders"), ["another"])
    assert "another" not in AdminClient(connection(broker.settings("admin"))).list_topics(timeout=60).topics
