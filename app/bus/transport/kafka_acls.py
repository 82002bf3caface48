"""Who may do what on the broker: a module writes its own topic, and reads those it subscribes to, as its own group."""

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

from app.bus.transport.kafka_admin import asking
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
    """What an account may do with some topics, or with a group of consumers. Whatever is not granted is refused."""

    account: str
    operation: AclOperation
    kind: ResourceType
    names: tuple[str, ...]


def grants(settings: Settings, module: str, subscribed: Iterable[str], account: str | None = None) -> list[Grant]:
    """What a module needs, for the account of its name or another. To make topics needs an administrator's."""
    prefix, who = settings.topic_prefix, account or module
    read = tuple(sorted(prefix + topic for topic in subscribed))
    seen = tuple(sorted({prefix + module, *read}))
    return [
        Grant(who, AclOperation.WRITE, ResourceType.TOPIC, (prefix + module,)),
        Grant(who, AclOperation.READ, ResourceType.TOPIC, read),
        Grant(who, AclOperation.DESCRIBE_CONFIGS, ResourceType.TOPIC, seen),
        Grant(who, AclOperation.READ, ResourceType.GROUP, (prefix + module,)),
    ]


def command_lines(settings: Settings, granted: Iterable[Grant]) -> Iterator[str]:
    """For a shell: Kafka's own tool, with an administrator's properties in admin.properties."""
    asked = f"kafka-acls.sh --bootstrap-server {settings.kafka_servers} --command-config admin.properties --add"
    for each in granted:
        what = " ".join(f"--{each.kind.name.lower()} {name}" for name in each.names)
        yield f"{asked} --allow-principal User:{each.account} --operation {NAMES[each.operation]} {what}"


def apply(settings: Settings, granted: Iterable[Grant]) -> None:
    """Have the broker grant it. Raises CannotDo."""
    bindings = [_binding(each, name) for each in granted for name in each.names]
    admin = AdminClient(connection(settings))
    for done in admin.create_acls(bindings).values():
        asking(done.result)


def _binding(grant: Grant, name: str) -> AclBinding:
    who, allow = f"User:{grant.account}", AclPermissionType.ALLOW
    return AclBinding(grant.kind, name, ResourcePatternType.LITERAL, who, ANY_HOST, grant.operation, allow)
