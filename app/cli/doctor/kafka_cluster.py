"""Kafka: whether it answers, whether the topics are as they should be, and whether anyone listens."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource

from app.bus.transport.kafka_admin import DAY
from app.bus.transport.kafka_brokers import connection
from app.bus.transport.kafka_lag import lag
from app.cli.doctor.kafka_trust import trust
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.runtime.background import INBOX_KEPT
from app.wiring import Module

QUICK = 4.0  # seconds for each question
MUCH = 10_000  # events behind
TOPICS = "flask bus topics"
LISTEN = "flask serve, or beside another server: flask bus work"
quiet = logging.getLogger("quartet.doctor.librdkafka")  # what it has to say is said here
quiet.addHandler(logging.NullHandler())
quiet.propagate = False


def kafka_check(settings: Settings, modules: Sequence[Module], *, complete: bool) -> Iterator[CheckResult]:
    """`complete`: whether all modules are in this process, which then needs none."""
    if not settings.kafka_servers:
        if complete:
            yield ok("kafka", "", "not set: events stay within this process")
        else:
            advice = "set KAFKA_BOOTSTRAP_SERVERS, or serve the whole shop: flask --app wsgi serve"
            yield warn("kafka", "", "not set: what is said here is heard nowhere", advice)
        return
    errors: list[KafkaError] = []
    options: dict[str, Any] = {**connection(settings), "error_cb": errors.append}
    admin = AdminClient(options, logger=quiet)
    try:
        cluster = admin.list_topics(timeout=QUICK)
    except KafkaException as error:
        admin.poll(0)
        yield _refused(settings, [*errors, error.args[0]])
        return
    brokers = len(cluster.brokers)
    yield ok("kafka", "", f"{brokers} broker{'s' * (brokers > 1)} at {settings.kafka_servers}")
    if settings.production:
        yield from trust(settings, admin, [module.name for module in modules])
    topics_of = {module.name: module.consumer().topics for module in modules}
    required = sorted({*topics_of, *(topic for topics in topics_of.values() for topic in topics)})
    yield from _topics(settings, admin, cluster.topics, required)
    yield from _groups(settings, admin, topics_of)


def _refused(settings: Settings, errors: Sequence[KafkaError]) -> CheckResult:
    text, codes = " ".join(each.str() for each in errors), {each.code() for each in errors}
    where, elsewhere = settings.kafka_servers, "start it, or set KAFKA_BOOTSTRAP_SERVERS to where it is"
    if KafkaError._AUTHENTICATION in codes:
        return wrong("kafka", "", f"{where} does not take our name and password", "set sasl.… in KAFKA_OPTIONS")
    if KafkaError._SSL in codes:
        return wrong(
            "kafka", "", f"{where} cannot be spoken to by TLS", "set security.protocol and ssl.… in KAFKA_OPTIONS"
        )
    if "refused" in text:
        return wrong("kafka", "", f"nothing listens at {where}", elsewhere)
    if "resolve" in text:
        return wrong("kafka", "", f"nobody knows the host of {where}", elsewhere)
    hangs = f"{where} takes the connection and says nothing: it hangs, or is no Kafka"
    return wrong("kafka", "", hangs, "see what it is doing, or restart it")


def _topics(
    settings: Settings, admin: AdminClient, there: Mapping[str, Any], required: Sequence[str]
) -> Iterator[CheckResult]:
    names = [settings.topic_prefix + topic for topic in required]
    present = [name for name in names if name in there]
    for name in names:
        if name not in present:
            yield wrong("topics", name, "is missing: what is said there waits", TOPICS)
    if not present:
        return
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in present]
    for resource, future in admin.describe_configs(resources, request_timeout=QUICK).items():
        try:
            config = {name: entry.value for name, entry in future.result().items()}
        except KafkaException as error:  # we may not ask, or it is so new that not every broker knows it
            yield warn("topics", resource.name, f"cannot be looked at: {error.args[0].str()}", "ask again, or let us")
        else:
            yield from _topic(settings, resource.name, there[resource.name].partitions, config)


def _topic(
    settings: Settings, name: str, partitions: Mapping[int, Any], config: Mapping[str, str]
) -> Iterator[CheckResult]:
    kept = int(config["retention.ms"])
    copies = min((len(each.replicas) for each in partitions.values()), default=0)
    if leaderless := [n for n, each in partitions.items() if each.leader < 0]:
        sentence = f"partitions {leaderless} have no leader: their events wait"
        yield wrong("topics", name, sentence, "bring back the brokers that are away")
    elif any(len(each.isrs) < len(each.replicas) for each in partitions.values()):
        yield warn(
            "topics", name, "some copies lag behind, or their broker is away", "bring back the brokers that are away"
        )
    elif kept < 0 or kept > INBOX_KEPT.days * DAY:
        sentence = f"keeps events longer than the {INBOX_KEPT.days} days that an inbox knows them"
        yield wrong("topics", name, f"{sentence}: read again, they take effect twice", TOPICS)
    elif "compact" in config["cleanup.policy"]:
        yield wrong("topics", name, "is compacted, and loses all but the last event of a key", TOPICS)
    elif kept != settings.topic_days * DAY:
        sentence = f"keeps events for {kept / DAY:.1f} days, and KAFKA_RETENTION_DAYS is {settings.topic_days}"
        yield warn("topics", name, sentence, TOPICS)
    elif len(partitions) != settings.topic_partitions:
        sentence = f"has {len(partitions)} partitions, and KAFKA_PARTITIONS is {settings.topic_partitions}"
        yield warn("topics", name, sentence, f"set KAFKA_PARTITIONS={len(partitions)}: those of a topic never change")
    elif copies < settings.topic_replicas:
        sentence = f"has {copies} copies, and KAFKA_REPLICAS is {settings.topic_replicas}"
        yield warn("topics", name, sentence, "add copies with kafka-reassign-partitions")
    else:
        yield ok("topics", name, f"{len(partitions)} partitions, kept {settings.topic_days} days, {copies} copies")


def _groups(settings: Settings, admin: AdminClient, topics_of: Mapping[str, frozenset[str]]) -> Iterator[CheckResult]:
    prefix = settings.topic_prefix
    groups = {prefix + name: [prefix + topic for topic in topics] for name, topics in topics_of.items()}
    missing_migrations = lag(admin, groups, QUICK)
    asked = admin.describe_consumer_groups([prefix + name for name in topics_of], request_timeout=QUICK)
    for group, future in asked.items():
        found = future.result()
        waiting = sum(events for (whose, _), events in missing_migrations.items() if whose == group)
        members = len(found.members)
        if not members and waiting:
            yield wrong("groups", group, f"{waiting} events wait, and nobody listens", LISTEN)
        elif not members:
            yield warn("groups", group, "nobody listens", LISTEN)
        elif found.state != ConsumerGroupState.STABLE:
            sentence = f"{members} listen, and share the partitions out just now; {waiting} events wait"
            yield warn("groups", group, sentence, "ask again in a few seconds; if it stays so, restart the listeners")
        elif waiting > MUCH:
            yield warn("groups", group, f"{waiting} events behind", "run more `flask bus work`, or see what slows it")
        else:
            yield ok("groups", group, f"{members} listening, {waiting} events behind")
