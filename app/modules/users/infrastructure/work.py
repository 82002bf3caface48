"""One transaction of users, on its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.bus import outbox
from app.bus.event import Event
from app.kernel.database import Database
from app.kernel.errors import Conflict, Unavailable
from app.kernel.transaction import Transaction
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User
from app.modules.users.infrastructure import tables
from app.web.subscriptions import SUBSCRIPTIONS


class SqlUsers:
    """Accounts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User) -> None:
        """Raises Conflict(email_taken)."""
        self._session.add(user)
        try:
            self._session.flush()
        except IntegrityError:
            raise Conflict("email_taken", "there is an account for this e-mail address: sign in") from None

    def with_email(self, email: str) -> User | None:
        """The account of an address in lower case."""
        return self._session.scalars(select(User).where(tables.users.c.email == email)).first()


class SqlSigningKeys:
    """The keys that sign tokens."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: SigningKey) -> None:
        """Keep a key."""
        self._session.add(key)

    def all(self) -> list[SigningKey]:
        """Newest last."""
        return list(self._session.scalars(select(SigningKey).order_by(tables.signing_keys.c.active_from)))

    def active(self, now: datetime) -> SigningKey:
        """The newest whose time has come."""
        ready = [key for key in self.all() if key.active_from <= now and not key.retired]
        if not ready:
            raise Unavailable("no_signing_key", "no key signs tokens yet: run `flask db upgrade`")
        return ready[-1]


class SqlWork:
    """What one transaction of users can reach."""

    def __init__(self, connection: Connection, session: Session) -> None:
        self.connection = connection
        self.users = SqlUsers(session)
        self.signing_keys = SqlSigningKeys(session)

    def publish(self, *events: Event) -> None:
        """Say it; and know it here at once, as the others will when they hear it."""
        outbox.publish(self.connection, *events)
        for event in events:
            if subscription := SUBSCRIPTIONS.get(type(event)):
                subscription.handler(self, event)


def transaction_on(database: Database) -> Transaction[SqlWork]:
    """Opens transactions of users."""

    @contextmanager
    def transaction() -> Iterator[SqlWork]:
        with database.begin_session() as (connection, session):
            yield SqlWork(connection, session)

    return transaction


def reading_on(database: Database) -> Transaction[SqlWork]:
    """Opens the same for reading."""

    @contextmanager
    def reading() -> Iterator[SqlWork]:
        with database.read_session() as (connection, session):
            yield SqlWork(connection, session)

    return reading
