"""A stand-in for Kafka's kafka-acls.sh, whose jar is not shipped with the broker. It accepts the same arguments that
`flask bus acls` prints, and no others."""

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
    """Add the ACLs of the command line."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--bootstrap-server", required=True)
    parser.add_argument("--command-config", type=Path, required=True)
    parser.add_argument("--add", action="store_true", required=True)
    parser.add_argument("--allow-principal", required=True)
    parser.add_argument("--operation", choices=OPERATIONS, action="append", required=True)
    for kind in KINDS:
        parser.add_argument(f"--{kind}", action="append", default=[])
    options = parser.parse_args()
    config = dict(line.split("=", 1) for line in options.command_config.read_text().splitlines())
    admin = AdminClient({**config, "bootstrap.servers": options.bootstrap_server})
    allow, literal = AclPermissionType.ALLOW, ResourcePatternType.LITERAL
    bindings = [
        AclBinding(KINDS[kind], name, literal, options.allow_principal, "*", OPERATIONS[operation], allow)
        for kind in KINDS
        for name in getattr(options, kind)
        for operation in options.operation
    ]
    for done in admin.create_acls(bindings).values():
        done.result()


if __name__ == "__main__":
    main()
