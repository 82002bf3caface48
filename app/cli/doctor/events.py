"""Checks of what waits in a module's database: events to be sent, parked events, jobs."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from app.bus.status import BusStatus, age, bus_status
from app.jobs.backlog import Backlog, backlog
from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.wiring import Module

LATE = 60.0  # seconds; normally due events and jobs are processed within one or two


def events_check(module: Module, *, can_deliver: bool) -> Iterator[CheckResult]:
    """Check events and jobs. `can_deliver`: whether there is a transport.

    Yields nothing if the database does not answer, which its own check reports.
    """
    now = clock.now()
    try:
        with module.database.read() as connection:
            found, jobs = bus_status(connection, now), backlog(connection)
    except DBAPIError:
        return
    yield from _outbox(module.name, found, now, can_deliver)
    if found.parked:
        since = age(found.parked_since, now)
        sentence = (
            f"{found.parked} events are parked, the first for {since:.0f} s; later ones of its key wait behind it"
        )
        yield wrong("parked", module.name, sentence, "run `flask bus parked list`, then show, retry or discard them")
    else:
        yield ok("parked", module.name, "no events")
    yield from _jobs(module.name, jobs, now)


def _outbox(name: str, found: BusStatus, now: datetime, can_deliver: bool) -> Iterator[CheckResult]:
    oldest = age(found.oldest, now)
    if found.to_send and not can_deliver:
        sentence = f"{found.to_send} events wait, because there is no transport to the other modules"
        advice = "set KAFKA_BOOTSTRAP_SERVERS, or run the whole shop: `flask --app wsgi serve`"
        yield warn("outbox", name, sentence, advice)
    elif found.to_send and not found.led:
        sentence = f"{found.to_send} events wait, the oldest for {oldest:.0f} s, and no relay runs"
        yield wrong("outbox", name, sentence, "run `flask serve`, or beside another server `flask bus run`")
    elif oldest > LATE:
        sentence = f"{found.to_send} events wait, the oldest for {oldest:.0f} s, although a relay runs"
        yield wrong("outbox", name, sentence, "check whether Kafka accepts them, and the relay's log for refused ones")
    else:
        yield ok(
            "outbox", name, "all events are sent" if not found.to_send else f"{found.to_send} events are being sent"
        )


def _jobs(name: str, found: Backlog, now: datetime) -> Iterator[CheckResult]:
    late = age(found.due, now)
    if found.failing:
        sentence = f"{found.failing} jobs (calls to third parties) have failed three times or more"
        yield warn("jobs", name, sentence, "see the log of the workers for their errors")
    elif late > LATE:
        sentence = f"{found.waiting} jobs (calls to third parties) wait, the first for {late:.0f} s"
        yield wrong("jobs", name, sentence, "run `flask serve`, or beside another server `flask bus run`")
    else:
        yield ok("jobs", name, "no job is overdue")
