"""What a module is to the application that hosts it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from flask_smorest import Blueprint
from limits import RateLimitItem
from sqlalchemy import MetaData

from app.bus.consumer import Consumer
from app.bus.subscription import Subscriptions
from app.config.reading import Declared
from app.jobs.worker import Task
from app.kernel.audit import Audit
from app.kernel.check_result import Check
from app.kernel.database import Database
from app.kernel.transaction import Transaction
from app.web.subscriptions import subscriptions


@dataclass(frozen=True)
class Schedule:
    """Work by the clock: run every so many seconds; it must be safe to run twice, and at once in two processes."""

    name: str
    seconds: float
    run: Callable[[], object]


@dataclass(frozen=True)
class Program:
    """A command line, `python -Pm module …`, which everybody on this machine can read; and variables, which only its
    owner can."""

    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    port: int = 0  # of 127.0.0.1, where it listens
    port_setting: str = ""
    health: str = ""  # path of what answers "ready"


@dataclass(frozen=True, kw_only=True)
class Module:
    """One module, as its module.py puts it together."""

    name: str
    settings: Declared
    database: Database
    metadata: MetaData
    transaction: Transaction[Any]
    reading: Transaction[Any]
    blueprints: Sequence[Blueprint]
    root_blueprints: Sequence[Blueprint] = ()  # not under /api/v1: where outsiders look by themselves
    subscriptions: Subscriptions
    tasks: Mapping[str, Task] = field(default_factory=dict)
    schedules: Sequence[Schedule] = ()
    root_keys: Sequence[str] = ()  # by which it believes that a key signs tokens
    metrics_port: int = 0  # where it serves its metrics when it is alone
    after_upgrade: Callable[[], None] | None = None
    close: Callable[[], None] | None = None  # gives back what it holds open beside its database
    programs: Sequence[Program] = ()  # that run beside it
    notes: Sequence[str] = ()  # lines of the banner
    stands_on: Sequence[str] = ()  # what it stands on beside its database, for the banner
    kept: Sequence[str] = ()  # what it keeps in QUARTET_DATA beside its database
    limits: Mapping[str, RateLimitItem] = field(default_factory=dict)  # its own classes of limits
    demo: Callable[[], None] | None = None
    demo_notes: Sequence[str] = ()
    commands: Sequence[click.Command] = ()
    audits: Sequence[Audit] = ()
    degraded: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    checkups: Mapping[str, Check] = field(default_factory=dict)  # what `flask doctor` looks at, besides what all have

    @property
    def all_subscriptions(self) -> Subscriptions:
        """Its own subscriptions, and those that every module has: signing keys, and who may no longer come in."""
        return {**subscriptions(self.root_keys), **self.subscriptions}

    def consumer(self) -> Consumer:
        """The consumer of all that this module hears."""
        return Consumer(self.name, self.transaction, self.all_subscriptions)
