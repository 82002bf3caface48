"""What waits in a module's database: events to be sent, events that could not be handled, calls to be made."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from app.bus.status import BusStatus, age, bus_status
from app.jobs.backlog import Backlog, backlog
from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.wiring import Module

LATE = 60.0  # seconds; what is due is done within one or two, unless nobody does it


def events_check(module: Module, *, carried: bool) -> Iterator[CheckResult]:
    """`carried`: whether there is a transport at all. Says nothing where the database does: that is told by itself."""
    now = clock.now()
    try:
        with module.database.read() as connection:
            found, jobs = bus_status(connection, now), backlog(connection)
    except DBAPIError:
        return
    yield from _outbox(module.name, found, now, carried)
    if found.parked:
        since = age(found.parked_since, now)
        sentence = (
            f"{found.parked} could not be handled, the first for {since:.0f} s; later ones of its key wait behind it"
        )
        yield wrong("parked", module.name, sentence, "flask bus parked list, then: show, retry or discard")
    else:
        yield ok("parked", module.name, "nothing")
    yield from _jobs(module.name, jobs, now)


def _outbox(name: str, found: BusStatus, now: datetime, carried: bool) -> Iterator[CheckResult]:
    oldest = age(found.oldest, now)
    if found.to_send and not carried:
        sentence = f"{found.to_send} events wait until the other modules can hear them"
        yield warn(
            "outbox", name, sentence, "set KAFKA_BOOTSTRAP_SERVERS, or serve the whole shop: flask --app wsgi serve"
        )
    elif found.to_send and not found.led:
        sentence = f"{found.to_send} events wait, the oldest for {oldest:.0f} s, and nobody sends them"
        yield wrong("outbox", name, sentence, "flask serve, or beside another server: flask bus work")
    elif oldest > LATE:
        sentence = f"{found.to_send} events wait, the oldest for {oldest:.0f} s, though a relay is at work"
        yield wrong("outbox", name, sentence, "see whether Kafka takes them, and the relay's log for those refused")
    else:
        yield ok("outbox", name, "all sent" if not found.to_send else f"{found.to_send} under way")


def _jobs(name: str, found: Backlog, now: datetime) -> Iterator[CheckResult]:
    late = age(found.due, now)
    if found.failing:
        sentence = f"{found.failing} calls to third parties have failed three times and more"
        yield warn("work", name, sentence, "see the log of the workers for their errors")
    elif late > LATE:
        sentence = f"{found.waiting} calls to third parties wait, the first for {late:.0f} s"
        yield wrong("work", name, sentence, "flask serve, or beside another server: flask bus work")
    else:
        yield ok("work", name, "nothing overdue")
