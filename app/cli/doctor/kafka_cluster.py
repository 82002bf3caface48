"""Checks of Kafka: whether it answers, whether its topics are configured as they should be, and who consumes."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import ConsumerGroupState, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource

from app.bus.transport.kafka_admin import DAY
from app.bus.transport.kafka_brokers import connection
from app.bus.transport.kafka_lag import Lag
from app.cli.doctor.kafka_trust import trust
from app.config.settings import Settings
from app.kernel.check_result import HANGS, RESTART, CheckResult, ok, warn, wrong
from app.runtime.background import INBOX_RETENTION
from app.wiring import Module

QUICK = 4.0  # seconds for each request
MUCH = 10_000  # events behind
TOPICS = "run `flask bus topics`"
LISTEN = "run `flask serve`, or beside another server `flask bus run`"
quiet = logging.getLogger("quartet.doctor.librdkafka")  # its errors are reported as results instead
quiet.addHandler(logging.NullHandler())
quiet.propagate = False


def kafka_check(settings: Settings, modules: Sequence[Module], *, complete: bool) -> Iterator[CheckResult]:
    """Check Kafka, if it is configured. `complete`: whether all modules are in this process, so that none is needed."""
    if not settings.kafka_servers:
        if complete:
            yield ok("kafka", "", "not set: events stay within this process")
        else:
            advice = "set KAFKA_BOOTSTRAP_SERVERS, or run the whole shop: `flask --app wsgi serve`"
            yield warn("kafka", "", "not set: the events of this process reach no other module", advice)
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
    try:
        yield from _groups(settings, admin, topics_of)
    except KafkaException as error:  # not authorized, or the coordinator of a group is still loading
        sentence = f"consumers cannot be checked: {error.args[0].str()}"
        yield warn("groups", "", sentence, "run this again, or allow this account to describe groups")


def _refused(settings: Settings, errors: Sequence[KafkaError]) -> CheckResult:
    text, codes = " ".join(each.str() for each in errors), {each.code() for each in errors}
    where, elsewhere = settings.kafka_servers, "start it, or set KAFKA_BOOTSTRAP_SERVERS to where it is"
    if KafkaError._AUTHENTICATION in codes:
        return wrong("kafka", "", f"{where} refuses our user name and password", "set sasl.… in KAFKA_OPTIONS")
    if KafkaError._SSL in codes:
        advice = "set security.protocol and ssl.… in KAFKA_OPTIONS"
        return wrong("kafka", "", f"a TLS connection to {where} cannot be established", advice)
    if "refused" in text:
        return wrong("kafka", "", f"{where} does not listen", elsewhere)
    if "resolve" in text:
        return wrong("kafka", "", f"the host name of {where} is unknown", elsewhere)
    hangs = f"{where} {HANGS}: it hangs, or is not a Kafka broker"
    return wrong("kafka", "", hangs, RESTART)


def _topics(
    settings: Settings, admin: AdminClient, there: Mapping[str, Any], required: Sequence[str]
) -> Iterator[CheckResult]:
    names = [settings.topic_prefix + topic for topic in required]
    present = [name for name in names if name in there]
    for name in names:
        if name not in present:
            yield wrong("topics", name, "is missing: its events wait", TOPICS)
    if not present:
        return
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in present]
    for resource, future in admin.describe_configs(resources, request_timeout=QUICK).items():
        try:
            config = {name: entry.value for name, entry in future.result().items()}
        except KafkaException as error:  # not authorized, or so new that not every broker has it yet
            advice = "run this again, or allow this account to describe its configuration"
            yield warn("topics", resource.name, f"cannot be checked: {error.args[0].str()}", advice)
        else:
            yield from _topic(settings, resource.name, there[resource.name].partitions, config)


def _topic(
    settings: Settings, name: str, partitions: Mapping[int, Any], config: Mapping[str, str]
) -> Iterator[CheckResult]:
    retention = int(config["retention.ms"])
    copies = min((len(each.replicas) for each in partitions.values()), default=0)
    if leaderless := [n for n, each in partitions.items() if each.leader < 0]:
        sentence = f"partitions {leaderless} have no leader: their events wait"
        yield wrong("topics", name, sentence, "start the brokers that are down")
    elif any(len(each.isrs) < len(each.replicas) for each in partitions.values()):
        sentence = "some replicas lag behind, or their broker is down"
        yield warn("topics", name, sentence, "start the brokers that are down")
    elif retention < 0 or retention > INBOX_RETENTION.days * DAY:
        sentence = f"retains events longer than the inbox stores their ids ({INBOX_RETENTION.days} days)"
        yield wrong("topics", name, f"{sentence}: if consumed again, they take effect twice", TOPICS)
    elif "compact" in config["cleanup.policy"]:
        yield wrong("topics", name, "is compacted, so it loses all but the last event of a key", TOPICS)
    elif retention != settings.topic_days * DAY:
        sentence = f"retains events for {retention / DAY:.1f} days, but KAFKA_RETENTION_DAYS is {settings.topic_days}"
        yield warn("topics", name, sentence, TOPICS)
    elif len(partitions) != settings.topic_partitions:
        sentence = f"has {len(partitions)} partitions, but KAFKA_PARTITIONS is {settings.topic_partitions}"
        advice = f"set KAFKA_PARTITIONS={len(partitions)}: the partitions of a topic never change"
        yield warn("topics", name, sentence, advice)
    elif copies < settings.topic_replicas:
        sentence = f"has {copies} replicas, but KAFKA_REPLICAS is {settings.topic_replicas}"
        yield warn("topics", name, sentence, "add replicas with kafka-reassign-partitions")
    else:
        about = f"{len(partitions)} partitions, {settings.topic_days} days of retention, {copies} replicas"
        yield ok("topics", name, about)


def _groups(settings: Settings, admin: AdminClient, topics_of: Mapping[str, frozenset[str]]) -> Iterator[CheckResult]:
    prefix = settings.topic_prefix
    groups = {prefix + name: [prefix + topic for topic in topics] for name, topics in topics_of.items()}
    behind = Lag(settings).of(groups, QUICK)
    descriptions = admin.describe_consumer_groups([prefix + name for name in topics_of], request_timeout=QUICK)
    for group, future in descriptions.items():
        description = future.result()
        waiting = sum(events for (owner, _), events in behind.items() if owner == group)
        members = len(description.members)
        if not members and waiting:
            yield wrong("groups", group, f"{waiting} events wait, and no consumer runs", LISTEN)
        elif not members:
            yield warn("groups", group, "no consumer runs", LISTEN)
        elif description.state != ConsumerGroupState.STABLE:
            sentence = f"{members} consumers are rebalancing their partitions; {waiting} events wait"
            advice = "run this again in a few seconds; if the result is the same, restart the consumers"
            yield warn("groups", group, sentence, advice)
        elif waiting > MUCH:
            advice = "run more `flask bus run`, or find out what slows it down"
            yield warn("groups", group, f"{waiting} events behind", advice)
        else:
            yield ok("groups", group, f"{members} consumers, {waiting} events behind")
