"""A sandbox and a receiver for each file of tests; no fault outlives its test."""

from collections.abc import Iterator

import pytest

from tests.sandbox.driver import SECRETS, Receiver, Sandbox


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Where the webhooks go."""
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
