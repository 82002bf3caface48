"""The unit of work of catalog, and its reading, on its database."""

from functools import partial
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.bus import outbox
from app.bus.event import Event
from app.kernel.database import Database, count_once_committed
from app.kernel.transaction import Transaction, opening
from app.modules.catalog.infrastructure import tables  # noqa: F401 — maps the domain
from app.modules.catalog.infrastructure.currency import ShopCurrency
from app.modules.catalog.infrastructure.jobs import enqueue_following, enqueue_indexing, enqueue_rebuild
from app.modules.catalog.infrastructure.metrics import count
from app.modules.catalog.infrastructure.reading import SqlReading
from app.modules.catalog.infrastructure.repositories import SqlCategories, SqlProducts, SqlVariants
from app.modules.catalog.infrastructure.search.listings import list_products
from app.modules.catalog.infrastructure.stock.counters import SqlStock
from app.modules.catalog.infrastructure.stock.reservations import SqlReservations
from app.ops.operations import SqlTrail
from app.web.idempotency import SqlClaims


class SqlUnitOfWork:
    def __init__(self, connection: Connection, session: Session, currency: ShopCurrency) -> None:
        self.connection, self._session = connection, session
        self.trail = SqlTrail(connection)
        self.claims = SqlClaims(connection)
        self._currency = currency
        self.products = SqlProducts(session)
        self.variants = SqlVariants(session)
        self.categories = SqlCategories(session)
        self.reservations = SqlReservations(connection)
        self.stock = SqlStock(connection)

    @property
    def shop_currency(self) -> str:
        return self._currency.of(self.connection)

    def publish(self, *events: Event) -> None:
        outbox.publish(self.connection, *events)
        count_once_committed(self.connection, partial(count, events))

    def republish(self, *events: Event) -> None:
        outbox.publish(self.connection, *events)

    def enqueue_following(self) -> None:
        enqueue_following(self.connection)

    def enqueue_indexing(self, product_id: UUID) -> None:
        """The job indexes the product after the commit; its row in `listings` is written here, in the transaction."""
        self._session.flush()
        list_products(self.connection, [SqlReading(self.connection).document(product_id)])
        enqueue_indexing(self.connection, product_id)

    def enqueue_rebuild(self) -> None:
        enqueue_rebuild(self.connection)


def transaction_on(database: Database, shop_currency: str = "") -> Transaction[SqlUnitOfWork]:
    """Return what opens transactions of catalog. An empty `shop_currency` means that of the existing prices."""
    currency = ShopCurrency(shop_currency)
    return opening(database.begin_session, lambda opened: SqlUnitOfWork(*opened, currency))


def reading_on(database: Database) -> Transaction[SqlReading]:
    """Return what opens a reading: without a transaction and without the ORM, because customers wait for it."""
    return opening(database.read, SqlReading)
