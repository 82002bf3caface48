"""A greeter that publishes events and a listener that consumes them, each with its own database, of either kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bus.bank import Bank
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, close, message, tiny
from tests.kernel.databases import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_url(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
def listener(url: str) -> Iterator[Tiny]:
    """A module that consumes greetings and stores them."""
    made = tiny("listener", url)
    yield made
    close(made)


@pytest.fixture
def greeter(tmp_path: Path) -> Iterator[Tiny]:
    """A module that only publishes."""
    made = tiny("greeter", f"sqlite:///{tmp_path / 'greeter.sqlite'}", receives=False)
    yield made
    close(made)


@pytest.fixture
def stuck(listener: Tiny) -> Tiny:
    """A listener that fails on the text "poison", and has ann's queue parked behind it."""

    def chokes(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "poison":
            raise ValueError("it is poison")

    listener.trouble.append(chokes)
    for text in ("poison", "second", "third"):
        listener.consumer.handle(message(Greeted(name="ann", text=text)))
    return listener


@pytest.fixture
def bank(listener: Tiny) -> Bank:
    """A third party whose calls succeed."""
    return Bank(listener)
