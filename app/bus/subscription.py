"""Subscriptions: what a module does with an event, and whether it may do that again for past events."""

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
    """What a module does with one type of event: a projection or a reaction.

    A projection may be run again over past events; a reaction may not. A projection compares versions, so its events
    need not wait behind a parked event of their key.

    `batch`: the handler may share a transaction with others. False if it locks rows that requests lock too, in an
    order of its own: two such transactions could deadlock, except on SQLite, which has one writer at a time.
    """

    handler: Callable[[Any, Any], None]
    is_projection: bool
    batch: bool = True

    @property
    def does(self) -> str:
        """The docstring of the handler, for docs/events.md."""
        return getdoc(self.handler) or self.handler.__name__


Subscriptions = Mapping[type[Event], Subscription]


def reaction(handler: Callable[[W, E], None], *, batch: bool = True) -> Subscription:
    """A subscription that does something, such as holding stock or taking money. It is never replayed."""
    return Subscription(handler, is_projection=False, batch=batch)


def projection(handler: Callable[[W, E], None]) -> Subscription:
    """A subscription that stores a copy of another module's facts, by version. It may be replayed."""
    return Subscription(handler, is_projection=True)
