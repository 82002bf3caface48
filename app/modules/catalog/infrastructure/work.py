"""One transaction of catalog, on its database."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.bus import outbox
from app.bus.event import Event
from app.kernel.database import Database
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.stock import Reservation
from app.modules.catalog.infrastructure import tables  # noqa: F401 — maps the domain
from app.modules.catalog.infrastructure.stock import SqlStock


class SqlProducts:
    """Products."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, product: Product) -> None:
        """Keep a new product; flushed at once, since variants refer to it."""
        self._session.add(product)
        self._session.flush()


class SqlVariants:
    """Variants by sku."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, variant: Variant) -> None:
        """Keep a new variant."""
        self._session.add(variant)
        self._session.flush()

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""
        variant = self._session.get(Variant, sku)
        if variant is None:
            raise NotFound("no_such_sku", f"there is no sku {sku}")
        return variant


class SqlReservations:
    """Orders' claims on stock."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, reservation: Reservation) -> None:
        """Keep a new claim."""
        self._session.add(reservation)

    def of(self, order_id: UUID) -> Reservation:
        """Raises NotFound(no_such_reservation)."""
        reservation = self._session.get(Reservation, order_id)
        if reservation is None:
            raise NotFound("no_such_reservation", f"order {order_id} has no claim on stock")
        return reservation


class SqlWork:
    """What one transaction of catalog can reach."""

    def __init__(self, connection: Connection, session: Session) -> None:
        self.connection = connection
        self.products = SqlProducts(session)
        self.variants = SqlVariants(session)
        self.reservations = SqlReservations(session)
        self.stock = SqlStock(connection)

    def publish(self, *events: Event) -> None:
        """Say it once this has committed."""
        outbox.publish(self.connection, *events)


def transaction_on(database: Database) -> Transaction[SqlWork]:
    """Opens transactions of catalog."""

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
