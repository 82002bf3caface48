"""What a module does when an event arrives, and whether that may be done again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from app.bus.event import Event

W = TypeVar("W")
E = TypeVar("E", bound=Event)


class Connected(Protocol):
    """What the bus needs of a module's transaction: its connection, for the inbox."""

    @property
    def connection(self) -> Connection: ...


@dataclass(frozen=True)
class Subscription:
    """A projection may be run again over the past; a reaction may not. A projection goes by versions, so it need not
    wait behind an earlier event of its key that is parked.

    `batch`: may share a transaction with others; not if it locks rows that requests lock too, in an order of its own.
    """

    handler: Callable[[Any, Any], None]
    is_projection: bool
    batch: bool = True

    @property
    def does(self) -> str:
        """In words, for who has never seen the code."""
        return getdoc(self.handler) or self.handler.__name__


Subscriptions = Mapping[type[Event], Subscription]


def reaction(handler: Callable[[W, E], None], *, batch: bool = True) -> Subscription:
    """It does something: holds stock, takes money. Never replayed."""
    return Subscription(handler, is_projection=False, batch=batch)


def projection(handler: Callable[[W, E], None]) -> Subscription:
    """It keeps a copy, by version. May be replayed."""
    return Subscription(handler, is_projection=True)
