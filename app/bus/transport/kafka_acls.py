"""Access rights on the broker: a module writes its own topic, and reads those it subscribes to, as its own group."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from app.bus.transport.kafka_admin import answer_of
from app.bus.transport.kafka_brokers import connection
from app.config.settings import Settings

ANY_HOST = "*"
NAMES = {
    AclOperation.READ: "Read",
    AclOperation.WRITE: "Write",
    AclOperation.DESCRIBE_CONFIGS: "DescribeConfigs",
}


@dataclass(frozen=True)
class Grant:
    """What an account may do with some topics, or with a consumer group. The broker refuses what is not granted."""

    account: str
    operation: AclOperation
    kind: ResourceType
    names: tuple[str, ...]


def grants(settings: Settings, module: str, subscribed: Iterable[str], account: str | None = None) -> list[Grant]:
    """What a module needs, for the account with its name or another. Creating topics requires an administrator."""
    prefix, who = settings.topic_prefix, account or module
    read = tuple(sorted(prefix + topic for topic in subscribed))
    described = tuple(sorted({prefix + module, *read}))
    return [
        Grant(who, AclOperation.WRITE, ResourceType.TOPIC, (prefix + module,)),
        Grant(who, AclOperation.READ, ResourceType.TOPIC, read),
        Grant(who, AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, described),
        Grant(who, AclOperation.READ, ResourceType.GROUP, (prefix + module,)),
    ]


def command_lines(settings: Settings, granted: Iterable[Grant]) -> Iterator[str]:
    """Shell commands that grant it with Kafka's own tool, which reads an administrator's login in admin.properties."""
    command = f"kafka-acls.sh --bootstrap-server {settings.kafka_servers} --command-config admin.properties --add"
    for each in granted:
        what = " ".join(f"--{each.kind.name.lower()} {name}" for name in each.names)
        yield f"{command} --allow-principal User:{each.account} --operation {NAMES[each.operation]} {what}"


def apply(settings: Settings, granted: Iterable[Grant]) -> None:
    """Create the rights on the broker. Raises CannotDo."""
    bindings = [_binding(each, name) for each in granted for name in each.names]
    admin = AdminClient(connection(settings))
    for future in admin.create_acls(bindings).values():
        answer_of(future.result)


def _binding(grant: Grant, name: str) -> AclBinding:
    who, allow = f"User:{grant.account}", AclPermissionType.ALLOW
    return AclBinding(grant.kind, name, ResourcePatternType.LITERAL, who, ANY_HOST, grant.operation, allow)
