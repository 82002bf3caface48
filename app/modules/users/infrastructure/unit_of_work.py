"""The unit of work of users on its database."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import Session

from app.bus import outbox
from app.bus.event import Event
from app.bus.subscription import Subscriptions
from app.kernel.compiled import execute
from app.kernel.database import Database, count_once_committed
from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction, opening
from app.modules.users.domain.signing_key import SigningKey, signing
from app.modules.users.infrastructure import tables
from app.modules.users.infrastructure.address_books import SqlAddressBooks
from app.modules.users.infrastructure.metrics import count
from app.modules.users.infrastructure.sessions import SqlSessions
from app.modules.users.infrastructure.users import SqlUsers
from app.ops.operations import SqlTrail
from app.web.idempotency import SqlClaims
from app.web.tables import trusted_keys

KEYS = select(tables.signing_keys)


class SqlSigningKeys:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: SigningKey) -> None:
        self._session.add(key)

    def all(self) -> list[SigningKey]:
        return list(self._session.scalars(select(SigningKey).order_by(tables.signing_keys.c.active_from)))

    def unsigned_by(self, root: str) -> list[SigningKey]:
        """Compared with our own copy of the published keys, `trusted_keys`."""
        mine, trusted = tables.signing_keys.c, trusted_keys.c
        known = exists().where(trusted.kid == mine.kid, trusted.root == root, trusted.version >= mine.version)
        return list(self._session.scalars(select(SigningKey).where(~known).order_by(mine.active_from)))

    def active(self, now: datetime) -> SigningKey:
        rows = execute(self._session.connection(), KEYS, {})
        key = signing([SigningKey(**row._asdict()) for row in rows], now)
        if key is None:
            raise Unavailable("no_signing_key", "there is no key that signs tokens yet: run `flask db upgrade`")
        return key


class SqlUnitOfWork:
    def __init__(self, connection: Connection, session: Session, subscribed: Subscriptions) -> None:
        self.connection = connection
        self.trail = SqlTrail(connection)
        self._subscribed = subscribed
        self.users = SqlUsers(session)
        self.sessions = SqlSessions(session)
        self.signing_keys = SqlSigningKeys(session)
        self.address_books = SqlAddressBooks(session)
        self.claims = SqlClaims(connection)

    def publish(self, *events: Event) -> None:
        """Write to the outbox, and apply the event here in the same transaction, as other modules do by consuming."""
        outbox.publish(self.connection, *events)
        count_once_committed(self.connection, partial(count, events))
        for event in events:
            if subscription := self._subscribed.get(type(event)):
                subscription.handler(self, event)


def transaction_on(database: Database, subscribed: Subscriptions) -> Transaction[SqlUnitOfWork]:
    """Opens transactions of users. `subscribed`: the subscriptions to its own events, which run in the transaction."""
    return opening(database.begin_session, lambda opened: SqlUnitOfWork(*opened, subscribed))


def reading_on(database: Database, subscribed: Subscriptions) -> Transaction[SqlUnitOfWork]:
    """Opens read-only transactions of users."""
    return opening(database.read_session, lambda opened: SqlUnitOfWork(*opened, subscribed))
