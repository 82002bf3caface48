"""In the place of Kafka's own kafka-acls.sh, whose jar is not among the broker's: the same words, and no others."""

import argparse
from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}
KINDS = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}


def main() -> None:
    """Add what the words say."""
    words = argparse.ArgumentParser(allow_abbrev=False)
    words.add_argument("--bootstrap-server", required=True)
    words.add_argument("--command-config", type=Path, required=True)
    words.add_argument("--add", action="store_true", required=True)
    words.add_argument("--allow-principal", required=True)
    words.add_argument("--operation", choices=OPERATIONS, action="append", required=True)
    for kind in KINDS:
        words.add_argument(f"--{kind}", action="append", default=[])
    asked = words.parse_args()
    config = dict(line.split("=", 1) for line in asked.command_config.read_text().splitlines())
    admin = AdminClient({**config, "bootstrap.servers": asked.bootstrap_server})
    allow, literal = AclPermissionType.ALLOW, ResourcePatternType.LITERAL
    bindings = [
        AclBinding(KINDS[kind], name, literal, asked.allow_principal, "*", OPERATIONS[operation], allow)
        for kind in KINDS
        for name in getattr(asked, kind)
        for operation in asked.operation
    ]
    for done in admin.create_acls(bindings).values():
        done.result()


if __name__ == "__main__":
    main()
