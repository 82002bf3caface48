"""The unit of work of payments on its database."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, select

from app.bus import outbox
from app.bus.event import Event
from app.jobs.backlog import TROUBLED
from app.jobs.enqueue import enqueue
from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.database import Database, count_once_committed
from app.kernel.deletes import delete_slice
from app.kernel.inserts import insert_if_absent
from app.kernel.transaction import Transaction, opening
from app.modules.payments.domain.payment import Payment
from app.modules.payments.infrastructure.metrics import count
from app.modules.payments.infrastructure.payments import SqlPayments
from app.modules.payments.infrastructure.refunds import SqlRefunds
from app.modules.payments.infrastructure.tables import webhooks
from app.ops import audits, tables
from app.ops.operations import SqlTrail
from app.web.idempotency import SqlClaims

STRIPE = "stripe"  # the name of the audit
LATE = timedelta(minutes=1)  # a job overdue for longer counts as not being run


class SqlWebhooks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def store(self, event_id: str, type: str, verdict: str, body: bytes | None) -> bool:
        at = clock.now()
        row = {"event_id": event_id, "type": type, "verdict": verdict, "body": body, "received_at": at}
        return insert_if_absent(self._connection, webhooks, row)

    def prune(self, before: datetime) -> int:
        return delete_slice(self._connection, webhooks, webhooks.c.received_at < before, first=webhooks.c.received_at)


class SqlUnitOfWork:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.trail = SqlTrail(connection)
        self.claims = SqlClaims(connection)
        self.payments = SqlPayments(connection)
        self.refunds = SqlRefunds(connection)
        self.webhooks = SqlWebhooks(connection)

    def enqueue(self, kind: str, subject: UUID) -> None:
        enqueue(self.connection, kind, str(subject))

    def has_job(self, payment: Payment) -> bool:
        subjects = [str(payment.id), *(str(refund.id) for refund in self.refunds.of(payment.id))]
        on_time = (jobs.c.due_at > clock.now() - LATE) & (jobs.c.attempts < TROUBLED)
        query = select(jobs.c.kind).where(jobs.c.subject.in_(subjects), on_time)
        return self.connection.execute(query).first() is not None

    def publish(self, *events: Event) -> None:
        outbox.publish(self.connection, *events)
        count_once_committed(self.connection, partial(count, events))

    def republish(self, *events: Event) -> None:
        outbox.publish(self.connection, *events)

    def last_audit(self) -> datetime | None:
        """Read the row that `flask audit` writes, too."""
        last = select(tables.audits.c.at).where(tables.audits.c.check == STRIPE)
        return self.connection.execute(last).scalar_one_or_none()

    def save_audit(self, compared: int, discrepancies: Sequence[str]) -> None:
        audits.save(self.connection, STRIPE, compared, discrepancies)


def transaction_on(database: Database) -> Transaction[SqlUnitOfWork]:
    """Return what opens a transaction of payments for writing."""
    return opening(database.begin, SqlUnitOfWork)


def reading_on(database: Database) -> Transaction[SqlUnitOfWork]:
    """Return what opens a transaction of payments for reading."""
    return opening(database.read, SqlUnitOfWork)
