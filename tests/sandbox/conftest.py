"""One sandbox and one receiver for each file of tests; faults are removed after each test."""

from collections.abc import Iterator

import pytest

from tests.sandbox.driver import SECRETS, Receiver, Sandbox


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """The receiver of the webhooks."""
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), "--webhook-url", receiver.url, secrets=SECRETS)
    sandbox.start()
    yield sandbox
    assert sandbox.stop() == 0


@pytest.fixture
def sandbox(running: Sandbox, receiver: Receiver) -> Iterator[Sandbox]:
    yield running
    receiver.status = 200
    running.ask("DELETE", "/sandbox/faults")
