"""A Kafka broker for one test file that authenticates clients (SASL/SCRAM over TLS) and enforces ACLs."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from app.bus.transport.kafka_brokers import connection
from app.config.settings import Settings
from tests.certificates import Authority
from tests.conftest import free_port, until
from tests.servers import kafka_jars, program

PASSWORDS = {"admin": "admin;of=all", "orders": "s;ecret=1", "payments": "another secret", "catalog": "c", "users": "u"}
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{port}
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={login} required username="admin" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
"""
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule"
QUICK_TO_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx384m")


@dataclass(frozen=True)
class Guarded:
    """The address of the broker and its certificate authority, with the settings of each account."""

    servers: str
    authority: Path

    def variables(self, account: str, password: str | None = None) -> dict[str, str]:
        """The environment variables of a shop that connects with this account."""
        given = (password or PASSWORDS[account]).replace(";", r"\;")
        options = f"security.protocol=SASL_SSL;sasl.mechanism=SCRAM-SHA-512;ssl.ca.location={self.authority}"
        options += f";sasl.username={account};sasl.password={given}"
        return {"KAFKA_BOOTSTRAP_SERVERS": self.servers, "KAFKA_OPTIONS": options}

    def settings(self, account: str) -> Settings:
        return Settings.from_environment(self.variables(account))


@contextmanager
def guarded_broker(folder: Path) -> Iterator[Guarded]:
    """Start the broker with the accounts above. Only admin has any rights at first."""
    java = [program("java"), *QUICK_TO_START, "-cp", f"{kafka_jars()}/*"]
    authority, port, properties = Authority(folder), free_port(), folder / "kafka.properties"
    certificate, private = authority.certifies("kafka")
    keystore = folder / "kafka.pem"
    keystore.write_bytes(private.read_bytes() + certificate.read_bytes())
    places = {"keystore": keystore, "authority": authority.file, "data": folder / "data", "login": LOGIN}
    properties.write_text(
        PROPERTIES.format(port=port, controller=free_port(), password=PASSWORDS["admin"], **places), encoding="utf-8"
    )
    accounts = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in PASSWORDS.items()]
    made = [part for account in accounts for part in ("--add-scram", account)]
    formatting = [*java, "kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(properties)]
    subprocess.run([*formatting, *made], check=True, capture_output=True, timeout=60)
    guarded = Guarded(f"127.0.0.1:{port}", authority.file)
    with (folder / "kafka.log").open("wb") as log:
        broker = subprocess.Popen([*java, "kafka.Kafka", str(properties)], stdout=log, stderr=log, env=os.environ)
    try:
        until(lambda: _answers(guarded), f"the broker answers; see {folder}/kafka.log", seconds=90)
        yield guarded
    finally:
        broker.kill()
        broker.wait()


def _answers(guarded: Guarded) -> bool:
    admin = AdminClient(connection(guarded.settings("admin")) | {"log_level": 0})
    try:
        return bool(admin.list_topics(timeout=2).brokers)
    except KafkaException:
        return False
