"""A broker that asks who speaks: with what `flask bus acls` grants each module can do its part, and nothing else."""

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
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,  # who may write nowhere is not even numbered as a producer
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """With the topics, and what `flask bus acls` prints for orders and grants to payments."""
    folder = tmp_path_factory.mktemp("guarded")
    with guarded_broker(folder) as guarded:
        assert refuses(lambda: states(guarded, "orders", "orders"))
        kafka_admin.make_topics(guarded.settings("admin"), PUBLISHERS)
        runs_in_a_shell(asks(guarded, "orders", folder, "bus", "acls"), guarded, folder)
        granted = asks(guarded, "admin", folder, "bus", "acls", "--apply", module="payments")
        assert granted == "Granted to payments.\n"
        yield guarded


def asks(broker: Guarded, account: str, folder: Path, *words: str, module: str = "orders", **more: str) -> str:
    """A flask command of a module that speaks as this account; what it printed."""
    variables = {"QUARTET_DATA": str(folder), **broker.variables(account), **more}
    app = create_app(MODULES[module], settings=Settings.from_environment(variables))
    result = app.test_cli_runner().invoke(args=words)
    app.extensions["quartet_background"].stop(timeout=5)
    assert result.exit_code == 0 or words[0] == "doctor", result.output
    return result.stdout


def trust(broker: Guarded, account: str, folder: Path) -> list[tuple[str, str, str]]:
    """What the doctor of a shop in production says of who may speak."""
    reported: Any = json.loads(asks(broker, account, folder, "doctor", "--json", **production_in(folder)))
    mine = [each for each in reported["results"] if each["name"] in {"kafka trust", "kafka acls"}]
    return [(each["state"], each["sentence"], each["advice"]) for each in mine]


def runs_in_a_shell(printed: str, broker: Guarded, folder: Path) -> None:
    """Exactly these lines, by a stand-in for Kafka's tool."""
    tool = folder / "kafka-acls.sh"
    tool.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/tests/journeys/kafka_acls.py "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    admin = broker.settings("admin").kafka_options
    lines = "\n".join(f"{name}={value}" for name, value in admin.items())
    (folder / "admin.properties").write_text(lines, encoding="utf-8")
    path = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-e"], input=printed, cwd=folder, env=path, text=True, check=True, timeout=60)


def states(broker: Guarded, account: str, topic: str, password: str | None = None) -> None:
    """One event. Raises KafkaException where the broker does not take it."""
    settings = Settings.from_environment(broker.variables(account, password))
    reported: list[KafkaError | None] = []
    options: dict[str, Any] = {"enable.idempotence": True, "error_cb": reported.append, "log_level": 0}
    producer = Producer(connection(settings) | options)
    producer.produce(topic, b"{}", "key", on_delivery=lambda error, _: reported.append(error))
    until(lambda: producer.poll(0.1) or reported, "the broker takes it, or says why not")
    producer.purge()
    if error := next(iter(reported)):
        raise KafkaException(error)


def receives(broker: Guarded, account: str, topic: str, group: str) -> int:
    """How many events of a topic there are. Raises KafkaException where the broker shows none."""
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
    """Whether the broker says that this account may not."""
    try:
        what()
    except KafkaException as error:
        assert error.args[0].code() in REFUSED, error
        return True
    return False


def test_a_module_writes_its_own_topic_and_no_other(broker: Guarded) -> None:
    assert {topic: refuses(lambda topic=topic: states(broker, "orders", topic)) for topic in PUBLISHERS} == {  # type: ignore[misc]
        topic: topic != "orders" for topic in PUBLISHERS
    }
    assert refuses(lambda: states(broker, "payments", "users"))


def test_a_module_reads_what_it_subscribes_to_as_its_own_group_alone(broker: Guarded) -> None:
    states(broker, "payments", "payments")

    assert receives(broker, "orders", "payments", "orders") == 1
    assert refuses(lambda: receives(broker, "orders", "payments", "payments"))
    assert refuses(lambda: receives(broker, "payments", "catalog", "payments"))


def test_who_has_no_grant_does_nothing(broker: Guarded) -> None:
    assert all(refuses(lambda topic=topic: states(broker, "catalog", topic)) for topic in PUBLISHERS)  # type: ignore[misc]


def test_a_wrong_password_is_told_by_the_doctor(broker: Guarded, tmp_path: Path) -> None:
    wrong = {**broker.variables("orders", "wrong"), "QUARTET_DATA": str(tmp_path)}
    app = create_app(orders, settings=Settings.from_environment(wrong))
    reported: Any = json.loads(app.test_cli_runner().invoke(args=["doctor", "--json"]).stdout)
    app.extensions["quartet_background"].stop(timeout=5)

    [found] = [each for each in reported["results"] if each["name"] == "kafka"]
    assert found["sentence"] == f"{broker.servers} does not take our name and password"


def test_the_doctor_of_a_module_is_content_with_such_a_broker(broker: Guarded, tmp_path: Path) -> None:
    assert trust(broker, "orders", tmp_path) == [
        ("ok", "SASL_SSL: it knows who speaks", ""),
        ("ok", "this account may do no more than its part", ""),
    ]
    reported: Any = json.loads(asks(broker, "orders", tmp_path, "doctor", "--json"))
    topics = [each for each in reported["results"] if each["name"] == "topics"]
    assert topics and all("cannot be looked at" not in each["sentence"] for each in topics)


def test_the_doctor_warns_of_an_account_that_may_do_more(broker: Guarded, tmp_path: Path) -> None:
    [_, (state, sentence, advice)] = trust(broker, "admin", tmp_path)
    [_, (of_another, about, _)] = trust(broker, "payments", tmp_path)  # by orders: it is not orders' to be payments

    assert (state, of_another) == ("warn", "warn")
    assert sentence.endswith("more than its part with catalog, orders, payments, users")
    assert about.endswith("more than its part with payments")
    assert "flask bus acls" in advice


def test_no_module_makes_topics(broker: Guarded) -> None:
    with pytest.raises(kafka_admin.CannotDo, match="Authorization failed"):
        kafka_admin.make_topics(broker.settings("orders"), ["another"])
    assert "another" not in AdminClient(connection(broker.settings("admin"))).list_topics(timeout=10).topics
