"""What a module provides to the application that hosts it."""

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
from app.desk.pages import Pages
from app.jobs.worker import Task
from app.kernel.audit import Audit
from app.kernel.check_result import Check
from app.kernel.database import Database
from app.kernel.transaction import Transaction
from app.web.subscriptions import subscriptions


@dataclass(frozen=True)
class Schedule:
    """A function that runs periodically. It must be safe to run it twice, and in two processes at the same time."""

    name: str
    seconds: float
    run: Callable[[], object]


@dataclass(frozen=True)
class Program:
    """A program that runs beside the shop, started as `python -Pm module …`.

    Every user of this machine can read the command line; only the owner of the process can read the variables.
    """

    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    port: int = 0  # it listens on this port of 127.0.0.1
    port_setting: str = ""
    health: str = ""  # path of the page that answers "ready"


@dataclass(frozen=True, kw_only=True)
class Module:
    """One module, as its module.py assembles it."""

    name: str
    settings: Declared
    database: Database
    metadata: MetaData
    transaction: Transaction[Any]
    reading: Transaction[Any]
    blueprints: Sequence[Blueprint]
    root_blueprints: Sequence[Blueprint] = ()  # outside /api/v1, at paths that third parties expect
    desk: Sequence[Pages] = ()  # its pages for staff, under /desk/<name>
    subscriptions: Subscriptions
    tasks: Mapping[str, Task] = field(default_factory=dict)
    job_threads: int = 2  # that run the tasks; more where they wait for a third party
    schedules: Sequence[Schedule] = ()
    root_keys: Sequence[str] = ()  # public keys; it trusts the token signing keys that one of them has signed
    metrics_port: int = 0  # where it serves its metrics when it is the only module of its process
    after_upgrade: Callable[[], None] | None = None
    close: Callable[[], None] | None = None  # closes what it holds open besides its database
    programs: Sequence[Program] = ()  # programs to run beside it
    notes: Sequence[str] = ()  # lines of the banner
    backends: Sequence[str] = ()  # the servers it uses besides its database, for the banner
    stored: Sequence[str] = ()  # what it stores in QUARTET_DATA besides its database
    limits: Mapping[str, RateLimitItem] = field(default_factory=dict)  # rate limits of its own, by class
    demo: Callable[[], None] | None = None
    demo_notes: Sequence[str] = ()
    commands: Sequence[click.Command] = ()
    audits: Sequence[Audit] = ()
    degraded: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    checkups: Mapping[str, Check] = field(default_factory=dict)  # of `flask doctor`, besides those of every module

    @property
    def all_subscriptions(self) -> Subscriptions:
        """Its own subscriptions, and those of every module: signing keys, ended sessions, changes of access."""
        return {**subscriptions(self.root_keys), **self.subscriptions}

    def consumer(self) -> Consumer:
        """The consumer of all events that this module subscribes to."""
        one_writer = self.database.has_one_writer
        return Consumer(self.name, self.transaction, self.all_subscriptions, one_writer=one_writer)
