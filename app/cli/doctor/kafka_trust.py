"""Whether production's broker lets in whoever reaches it, and lets this account do more than its part."""

from collections.abc import Collection, Iterator

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient

from app.bus.contracts import PUBLISHERS
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, ok, warn

QUICK = 4.0  # seconds
ADVICE = "see docs/security.md"
SENTENCES = {
    "PLAINTEXT": "asks for no password and is spoken to without TLS: whoever reaches it may be anyone",
    "SASL_PLAINTEXT": "is spoken to without TLS: what is said can be read and changed on its way",
}
ADMINISTERING = {AclOperation.ALTER, AclOperation.DELETE}


def trust(settings: Settings, admin: AdminClient, hosted: Collection[str]) -> Iterator[CheckResult]:
    """By how we speak to it, and by what it would let us do; `hosted`: the modules that we are."""
    protocol = settings.kafka_options.get("security.protocol", "plaintext").upper()
    if sentence := SENTENCES.get(protocol):
        yield warn("kafka trust", "", sentence, f"set security.protocol=SASL_SSL in KAFKA_OPTIONS; {ADVICE}")
    elif protocol == "SSL" and "ssl.certificate.location" not in settings.kafka_options:
        sentence = "knows no accounts as we speak to it: we show it no certificate"
        yield warn("kafka trust", "", sentence, f"set security.protocol=SASL_SSL in KAFKA_OPTIONS; {ADVICE}")
    else:
        yield ok("kafka trust", "", f"{protocol}: it knows who speaks")
    yield from _acls(settings, admin, hosted)


def _acls(settings: Settings, admin: AdminClient, hosted: Collection[str]) -> Iterator[CheckResult]:
    """The broker says what each account may do with a topic; one without ACLs lets everyone do everything."""
    too_much = []
    asked = TopicCollection([settings.topic_prefix + module for module in PUBLISHERS])
    found = admin.describe_topics(asked, include_authorized_operations=True, request_timeout=QUICK)
    for topic, future in found.items():
        try:
            may = set(future.result().authorized_operations or ())
        except KafkaException as error:
            if error.args[0].code() in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART}:
                continue  # not ours to see, or missing, which is told by itself
            yield warn("kafka acls", topic, f"cannot be asked for: {error.args[0].str()}", "ask again")
            return
        others = topic.removeprefix(settings.topic_prefix) not in hosted
        if may & ADMINISTERING or (others and AclOperation.WRITE in may):
            too_much.append(topic)
    if too_much:
        sentence = f"there are none, or they let this account do more than its part with {', '.join(sorted(too_much))}"
        advice = f"set the broker's authorizer, and run what flask bus acls prints; {ADVICE}"
        yield warn("kafka acls", "", sentence, advice)
    else:
        yield ok("kafka acls", "", "this account may do no more than its part")
