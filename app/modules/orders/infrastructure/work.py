"""One transaction of orders, on its database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from app.bus import outbox
from app.bus.event import Event
from app.kernel import clock
from app.kernel.claim import Claim
from app.kernel.database import Database, count_once_committed
from app.kernel.transaction import Transaction
from app.modules.orders.domain.policies import Policies
from app.modules.orders.infrastructure.carts import SqlCarts
from app.modules.orders.infrastructure.checks import SqlChecks
from app.modules.orders.infrastructure.metrics import count
from app.modules.orders.infrastructure.offers import SqlOffers
from app.modules.orders.infrastructure.orders import SqlOrders
from app.modules.orders.infrastructure.timeline import SqlTimeline
from app.modules.orders.infrastructure.unheard import SqlUnheard
from app.ops import operations
from app.web import idempotency


class SqlWork:
    """What one transaction of orders can reach."""

    def __init__(self, connection: Connection, policies: Policies, now: datetime) -> None:
        self.connection = connection
        self.policies = policies
        self.now = now
        self.orders = SqlOrders(connection)
        self.carts = SqlCarts(connection)
        self.offers = SqlOffers(connection)
        self.timeline = SqlTimeline(connection)
        self.checks = SqlChecks(connection)
        self.unheard = SqlUnheard(connection)

    def publish(self, *events: Event) -> None:
        """Say it once this has committed."""
        outbox.publish(self.connection, *events)
        count_once_committed(self.connection, partial(count, events))

    def note(self, who: str, what: str, subject: str, why: str) -> None:
        """In the trail of this module."""
        operations.note(self.connection, who, what, subject, why)

    def claim(self, caller: str, key: str, fingerprint: bytes, resource_id: UUID) -> Claim:
        """An idempotency key of this module."""
        return idempotency.claim(self.connection, caller, key, fingerprint, resource_id)

    def keep(self, claim: Claim, body: bytes) -> None:
        """The answer beside its key."""
        idempotency.keep(self.connection, claim, body)


def transaction_on(
    database: Database, policies: Policies, clock: Callable[[], datetime] = clock.now
) -> Transaction[SqlWork]:
    """Opens transactions of orders."""

    @contextmanager
    def transaction() -> Iterator[SqlWork]:
        with database.begin() as connection:
            yield SqlWork(connection, policies, clock())

    return transaction


def reading_on(
    database: Database, policies: Policies, clock: Callable[[], datetime] = clock.now
) -> Transaction[SqlWork]:
    """Opens the same for reading."""

    @contextmanager
    def reading() -> Iterator[SqlWork]:
        with database.read() as connection:
            yield SqlWork(connection, policies, clock())

    return reading
