"""Checks of Kafka's security in production: encryption, authentication, and the privileges of this account."""

from collections.abc import Collection, Iterator

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient

from app.bus.contracts import PUBLISHERS
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, ok, warn

QUICK = 4.0  # seconds
ADVICE = "see docs/security.md"
SENTENCES = {
    "PLAINTEXT": "is used without authentication and without TLS: every client that reaches it is trusted",
    "SASL_PLAINTEXT": "is used without TLS: events can be read and changed on the network",
}
ADMINISTERING = {AclOperation.ALTER, AclOperation.DELETE}


def trust(settings: Settings, admin: AdminClient, hosted: Collection[str]) -> Iterator[CheckResult]:
    """Check the protocol of the connection, and the privileges of this account. `hosted`: modules of this process."""
    protocol = settings.kafka_options.get("security.protocol", "plaintext").upper()
    if sentence := SENTENCES.get(protocol):
        yield warn("kafka trust", "", sentence, f"set security.protocol=SASL_SSL in KAFKA_OPTIONS; {ADVICE}")
    elif protocol == "SSL" and "ssl.certificate.location" not in settings.kafka_options:
        sentence = "cannot authenticate this client, which presents no certificate"
        yield warn("kafka trust", "", sentence, f"set security.protocol=SASL_SSL in KAFKA_OPTIONS; {ADVICE}")
    else:
        yield ok("kafka trust", "", f"{protocol}: clients are authenticated")
    yield from _acls(settings, admin, hosted)


def _acls(settings: Settings, admin: AdminClient, hosted: Collection[str]) -> Iterator[CheckResult]:
    """Ask the broker what this account may do with each topic. Without ACLs, every account may do everything."""
    too_much = []
    topics = TopicCollection([settings.topic_prefix + module for module in PUBLISHERS])
    found = admin.describe_topics(topics, include_authorized_operations=True, request_timeout=QUICK)
    for topic, future in found.items():
        try:
            may = set(future.result().authorized_operations or ())
        except KafkaException as error:
            if error.args[0].code() in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART}:
                continue  # not visible to this account; or missing, which another check reports
            yield warn("kafka acls", topic, f"cannot be checked: {error.args[0].str()}", "run this again")
            return
        others = topic.removeprefix(settings.topic_prefix) not in hosted
        if may & ADMINISTERING or (others and AclOperation.WRITE in may):
            too_much.append(topic)
    if too_much:
        sentence = f"there are none, or they grant this account more than it needs on {', '.join(sorted(too_much))}"
        advice = f"set the broker's authorizer, and run the commands that `flask bus acls` prints; {ADVICE}"
        yield warn("kafka acls", "", sentence, advice)
    else:
        yield ok("kafka acls", "", "this account may do no more than it needs")
