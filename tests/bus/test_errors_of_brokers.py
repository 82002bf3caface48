"""A broker that starts, or a cluster that moves a group, neither stops a listener nor ends a process by its errors."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaError

from app.config.settings import Settings
from tests.bus.broker_with_errors import OFFSET_FETCH, BrokerWithErrors, broker_with_errors
from tests.bus.kafka import TOPIC, Line
from tests.bus.tiny import Greeted, Tiny
from tests.conftest import ROOT

ASKS_TWICE = """
import sys
from confluent_kafka import KafkaException
from app.bus.transport.kafka_lag import Lag
from app.config.settings import Settings

for _ in range(2):
    try:
        print(Lag(Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": sys.argv[1]})).of({"us": ["greeter"]}, 20.0))
    except KafkaException as error:
        print(error.args[0].name())
"""


@pytest.fixture
def broker() -> Iterator[BrokerWithErrors]:
    with broker_with_errors(TOPIC) as broker:
        yield broker


def test_asked_for_the_lag_before_it_is_the_coordinator(broker: BrokerWithErrors) -> None:
    broker.answers(OFFSET_FETCH, KafkaError.NOT_COORDINATOR)
    command = [sys.executable, "-c", ASKS_TWICE, broker.servers]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150)

    assert (asked.returncode, asked.stdout) == (0, "NOT_COORDINATOR\n{('us', 'greeter'): 0}\n"), asked.stderr


@pytest.mark.slow
@pytest.mark.parametrize("error", [KafkaError.NOT_COORDINATOR, KafkaError.GROUP_AUTHORIZATION_FAILED])
def test_a_listener_that_gets_no_offsets_asks_again(
    broker: BrokerWithErrors, greeter: Tiny, listener: Tiny, error: int
) -> None:
    broker.answers(OFFSET_FETCH, error)
    line = Line(Settings.from_environment({"KAFKA_BOOTSTRAP_SERVERS": broker.servers}), greeter, listener)
    greeter.publishes(Greeted(name="ann", text="hello"))

    line.delivers(lambda: listener.texts("ann") == ["hello"], "the greeting is consumed")
    line.close()
