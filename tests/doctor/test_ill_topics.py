"""Kafka is well, but topics or consumer groups are not as they should be."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from app.bus.contracts import PUBLISHERS
from app.bus.transport import kafka_admin
from app.kernel.ids import new_id
from tests.conftest import until
from tests.doctor.steps import Diagnosis, examined
from tests.production import production_in
from tests.servers import address
from tests.shop import Shop

LISTEN = "run `flask serve`, or beside another server `flask bus run`"


@pytest.fixture
def shop(shop_with: Callable[..., Shop]) -> Iterator[Shop]:
    """A shop with its own topics, which do not exist yet."""
    servers = address("TEST_KAFKA_BOOTSTRAP_SERVERS")
    made = shop_with(KAFKA_BOOTSTRAP_SERVERS=servers, KAFKA_TOPIC_PREFIX=f"test-{new_id().hex}.")
    yield made
    admin = AdminClient({"bootstrap.servers": servers})
    there = admin.list_topics(timeout=60).topics
    ours = [name for name in (made.settings.topic_prefix + each for each in PUBLISHERS) if name in there]
    for done in admin.delete_topics(ours).values() if ours else ():
        done.result()


def topics(shop: Shop, found: Diagnosis) -> list[list[tuple[str, str, str]]]:
    return [found.of("topics", shop.settings.topic_prefix + each) for each in PUBLISHERS]


def set_config(shop: Shop, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(
        ConfigResource.Type.TOPIC, shop.settings.topic_prefix + topic, incremental_configs=[entry]
    )
    admin = AdminClient({"bootstrap.servers": shop.settings.kafka_servers})
    for done in admin.incremental_alter_configs([resource]).values():
        done.result()

    def is_set() -> bool:
        (output,) = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, resource.name)]).values()
        try:
            return bool(output.result()[name].value == value)
        except KafkaException:  # this broker does not have the topic yet
            return False

    until(is_set, f"the brokers agree on {name}")


def test_topics_that_are_missing(shop: Shop) -> None:
    found = examined(shop.app)

    missing = [("wrong", "is missing: its events wait", "run `flask bus topics`")]
    assert topics(shop, found) == [missing] * 4
    assert found.exit_code == 1


def test_topics_that_keep_events_longer_than_the_inbox_does(shop: Shop) -> None:
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    set_config(shop, "orders", "retention.ms", str(31 * kafka_admin.DAY))
    set_config(shop, "users", "retention.ms", "-1")
    set_config(shop, "catalog", "retention.ms", str(3 * kafka_admin.DAY))

    found = topics(shop, examined(shop.app))

    sentence = (
        "retains events longer than the inbox stores their ids (30 days): if consumed again, they take effect twice"
    )
    shorter = "retains events for 3.0 days, but KAFKA_RETENTION_DAYS is 7"
    assert found[0] == [("warn", shorter, "run `flask bus topics`")]
    assert found[1] == found[3] == [("wrong", sentence, "run `flask bus topics`")]
    assert found[2] == [("ok", "6 partitions, 7 days of retention, 1 replicas", "")]


def test_a_topic_with_other_partitions_than_are_set(shop_with: Callable[..., Shop], shop: Shop) -> None:
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    set_to = {"KAFKA_BOOTSTRAP_SERVERS": shop.settings.kafka_servers, "KAFKA_TOPIC_PREFIX": shop.settings.topic_prefix}

    found = topics(shop, examined(shop_with(**set_to, KAFKA_PARTITIONS="12").app))

    advice = "set KAFKA_PARTITIONS=6: the partitions of a topic never change"
    assert found == [[("warn", "has 6 partitions, but KAFKA_PARTITIONS is 12", advice)]] * 4


def test_a_compacted_topic(shop: Shop) -> None:
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    set_config(shop, "orders", "cleanup.policy", "compact")

    found = topics(shop, examined(shop.app))

    sentence = "is compacted, so it loses all but the last event of a key"
    assert found[1] == [("wrong", sentence, "run `flask bus topics`")]


def test_a_group_without_members_and_events_that_wait_for_it(shop: Shop) -> None:
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    producer = Producer({"bootstrap.servers": shop.settings.kafka_servers})
    for n in range(3):
        producer.produce(f"{shop.settings.topic_prefix}orders", b"{}", str(n))
    assert producer.flush(10) == 0

    prefix = shop.settings.topic_prefix
    found: list[Diagnosis] = []

    def is_checked() -> bool:  # on a busy broker the coordinator of a new group takes longer than the doctor waits
        found.append(examined(shop.app))
        return bool(found[-1].of("groups", f"{prefix}users"))

    until(is_checked, "the groups are checked", seconds=40)
    assert found[-1].of("groups", f"{prefix}payments") == [("wrong", "3 events wait, and no consumer runs", LISTEN)]
    assert found[-1].of("groups", f"{prefix}users") == [("warn", "no consumer runs", LISTEN)]


def test_a_consumer_group_with_a_running_consumer(shop: Shop) -> None:
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    (listener,) = (each for each in shop.background.transport.listeners if each.consumer.name == "payments")
    group = f"{shop.settings.topic_prefix}payments"

    def consumes() -> bool:
        listener.run_once(0.2)
        return [each[0] for each in examined(shop.app).of("groups", group)] == ["ok"]

    until(consumes, "it has its partitions", seconds=40)


def test_production_is_warned_of_a_broker_that_lets_everyone_publish_anything(
    shop_with: Callable[..., Shop], tmp_path: Path
) -> None:
    servers = {
        "KAFKA_BOOTSTRAP_SERVERS": address("TEST_KAFKA_BOOTSTRAP_SERVERS"),
        "KAFKA_TOPIC_PREFIX": f"test-{new_id().hex}.",
    }

    shop = shop_with(**production_in(tmp_path), **servers)
    kafka_admin.make_topics(shop.settings, PUBLISHERS)
    found = examined(shop.app)
    admin = AdminClient({"bootstrap.servers": shop.settings.kafka_servers})
    for done in admin.delete_topics([shop.settings.topic_prefix + each for each in PUBLISHERS]).values():
        done.result()

    [(state, sentence, advice)] = found.of("kafka trust")
    assert (state, "without TLS" in sentence, "SASL_SSL" in advice) == ("warn", True, True)
    [(state, sentence, advice)] = found.of("kafka acls")
    assert (state, "none" in sentence, "flask bus acls" in advice) == ("warn", True, True)


def test_development_is_not(shop: Shop) -> None:
    found = examined(shop.app)

    assert found.of("kafka trust") + found.of("kafka acls") == []
