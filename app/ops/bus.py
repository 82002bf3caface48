"""Routes for the state of a module: its events, its audits, and what operators did by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from flask.views import MethodView
from sqlalchemy import Connection, Row

from app.bus import stuck
from app.bus.consumer import Consumer
from app.bus.event import published_by
from app.bus.measure import recent_lag
from app.bus.status import BusStatus, age, bus_status
from app.bus.subscription import Subscription
from app.bus.transport.base import Transport, Unreachable
from app.jobs.backlog import backlog, worst_jobs
from app.kernel import clock
from app.kernel.database import Database
from app.ops import audits, operations, views
from app.web.auth import staff_only
from app.web.blueprint import Answer, answers, arguments
from app.web.operation import operation
from app.web.paging import PageArgs, id_after, page

TIMEOUT = 2.0  # seconds for Kafka to answer how far the module is behind
WORST = 10  # failing jobs that are listed


@dataclass(frozen=True)
class Bus(MethodView):
    database: Database
    consumer: Consumer
    transport: Transport

    @staff_only
    @answers(200, views.BusState)
    @operation("get_bus")
    def get(self) -> views.BusState:
        """Get the state of a module's events: outbox, relay, lag, parked events, jobs, published and consumed types"""
        return bus_state(self.database, self.consumer, self.transport)


@dataclass(frozen=True)
class Operations(MethodView):
    database: Database

    @staff_only
    @arguments(PageArgs(), location="query")
    @answers(200, views.OperationPage)
    @operation("list_operations", refusals={422: "bad_cursor"})
    def get(self, args: dict[str, Any]) -> Answer[views.OperationPage]:
        """List the operations that people did by hand, with their reasons, newest first"""
        before = id_after(args["cursor"])
        with self.database.read() as connection:
            found = operations.newest(connection, before, args["limit"] + 1)
        return page(found, args["limit"], lambda row: [str(row.id)], _operations)


@dataclass(frozen=True)
class Audits(MethodView):
    database: Database

    @staff_only
    @answers(200, views.AuditResultList)
    @operation("list_audits")
    def get(self) -> views.AuditResultList:
        """List the last result of each check of `flask audit`, with its first hundred discrepancies"""
        with self.database.read() as connection:
            return views.AuditResultList([_audit(row) for row in audits.saved(connection)])


def bus_state(database: Database, consumer: Consumer, transport: Transport, recent: bool = False) -> views.BusState:
    """The state of a module's events and jobs, as the API and the desk show it.

    `recent`: for a page that is polled, with the lag as it was measured a moment ago.
    """
    name, now = consumer.name, clock.now()
    with database.read() as connection:
        status, parked = bus_status(connection, now), _parked(connection, now)
        jobs, failing = backlog(connection), worst_jobs(connection, WORST)
    lag, unknown = _lag(transport, name, recent)
    return views.BusState(
        module=name,
        outbox=views.OutboxState(status.to_send, age(status.oldest, now) if status.oldest else None),
        relay=_relay(status),
        lag=lag,
        lag_unknown=unknown,
        parked=parked,
        jobs=views.JobSummary(jobs.waiting, age(jobs.due, now), [_failing(row) for row in failing]),
        publishes=list(published_by(name)),
        consumes=[_consumed(type, each) for type, each in sorted(consumer.subscriptions.items())],
    )


def kind_of(subscription: Subscription) -> views.Kind:
    return "projection" if subscription.is_projection else "reaction"


def _relay(status: BusStatus) -> views.RelayState:
    relay = status.relay
    return views.RelayState(True, relay.owner, relay.until) if relay else views.RelayState(False, None, None)


def _parked(connection: Connection, now: datetime) -> views.ParkedSummary:
    parked = stuck.summary(connection)
    oldest = age(parked.oldest, now) if parked.oldest else None
    return views.ParkedSummary(parked.events, parked.keys, parked.waiting, oldest)


def _lag(transport: Transport, module: str, recent: bool) -> tuple[list[views.TopicLag] | None, str | None]:
    if not transport.can_deliver():
        return None, "this process has neither Kafka nor all modules: it consumes no events"
    try:
        found = recent_lag(transport, TIMEOUT) if recent else transport.lag(TIMEOUT)
    except Unreachable as error:
        return None, f"Kafka does not answer: {error}"
    return [views.TopicLag(topic, n) for (group, topic), n in sorted(found.items()) if group == module], None


def _failing(row: Row[Any]) -> views.FailingJob:
    return views.FailingJob(row.kind, row.subject, row.attempts, row.error, row.due_at)


def _consumed(type: str, subscription: Subscription) -> views.ConsumedEvent:
    return views.ConsumedEvent(type, kind_of(subscription), subscription.does)


def _operations(rows: Sequence[Row[Any]], following: str | None) -> views.OperationPage:
    items = [views.OperationEntry(row.id, row.at, row.who, row.what, row.subject, row.why) for row in rows]
    return views.OperationPage(items, following)


def _audit(row: Row[Any]) -> views.AuditResult:
    return views.AuditResult(row.check, row.at, row.compared, row.discrepancies, msgspec.json.decode(row.report))
