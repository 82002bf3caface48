"""The unit of work of orders, on its database."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.bus import outbox
from app.bus.event import Event
from app.kernel import clock
from app.kernel.database import Database, count_once_committed
from app.kernel.transaction import Transaction, opening
from app.modules.orders.domain.carts.quote import InUse
from app.modules.orders.domain.policies.policies import Policies
from app.modules.orders.infrastructure.audits.checks import SqlChecks
from app.modules.orders.infrastructure.carts.carts import SqlCarts
from app.modules.orders.infrastructure.carts.offers import SqlOffers
from app.modules.orders.infrastructure.documents.documents import SqlDocuments
from app.modules.orders.infrastructure.in_use import in_use
from app.modules.orders.infrastructure.metrics import count
from app.modules.orders.infrastructure.orders.contacts import SqlContacts
from app.modules.orders.infrastructure.orders.orders import SqlOrders
from app.modules.orders.infrastructure.orders.records import SqlRecords
from app.modules.orders.infrastructure.orders.shipments import SqlShipments
from app.modules.orders.infrastructure.orders.timeline import SqlTimeline
from app.modules.orders.infrastructure.orders.unit_refunds import SqlUnitRefunds
from app.modules.orders.infrastructure.promotions.redemptions import SqlPromotions
from app.modules.orders.infrastructure.settings_cache import CachedSettings, SettingsCache
from app.modules.orders.infrastructure.shipping.shipping import SqlShipping
from app.modules.orders.infrastructure.tax.exemptions import SqlTaxExemptions
from app.modules.orders.infrastructure.tax.numbers import SqlTaxNumbers
from app.modules.orders.infrastructure.tax.quotes import SqlTaxQuotes
from app.modules.orders.infrastructure.tax.records import SqlTaxRecords
from app.modules.orders.infrastructure.tax.reports import SqlTaxReports
from app.modules.orders.infrastructure.tax.tax import SqlTax
from app.modules.orders.infrastructure.unhandled import SqlUnhandled
from app.ops.operations import SqlTrail
from app.web.idempotency import SqlClaims


class SqlUnitOfWork:
    def __init__(self, connection: Connection, cache: SettingsCache, policies: Policies, now: datetime) -> None:
        self.connection = connection
        self._cached = CachedSettings(connection, cache)
        self.trail = SqlTrail(connection)
        self.claims = SqlClaims(connection)
        self.policies = policies
        self.now = now
        self.orders = SqlOrders(connection)
        self.carts = SqlCarts(connection)
        self.offers = SqlOffers(connection)
        self.shipments = SqlShipments(connection)
        self.refunds = SqlUnitRefunds(connection)
        self.shipping = SqlShipping(connection, self._cached)
        self.promotions = SqlPromotions(connection, self._cached)
        self.tax = SqlTax(connection, self._cached, policies.tax, now)
        self.tax_numbers = SqlTaxNumbers(connection)
        self.tax_exemptions = SqlTaxExemptions(connection, self._cached)
        self.tax_quotes = SqlTaxQuotes(connection, now)
        self.tax_records = SqlTaxRecords(connection)
        self.tax_reports = SqlTaxReports(connection)
        self.contacts = SqlContacts(connection)
        self.documents = SqlDocuments(connection)
        self.records = SqlRecords(connection)
        self.timeline = SqlTimeline(connection)
        self.checks = SqlChecks(connection)
        self.unhandled = SqlUnhandled(connection)

    def in_use(self) -> InUse:
        return self._cached.get("in use", lambda: in_use(self.connection))

    def publish(self, *events: Event) -> None:
        """Writes the events into the outbox. They are counted in the metrics only after the commit."""
        outbox.publish(self.connection, *events)
        count_once_committed(self.connection, partial(count, events))


def transaction_on(
    database: Database, policies: Policies, clock: Callable[[], datetime] = clock.now
) -> Transaction[SqlUnitOfWork]:
    """Transactions that may write."""
    cache = SettingsCache()
    return opening(database.begin, lambda connection: SqlUnitOfWork(connection, cache, policies, clock()))


def reading_on(
    database: Database, policies: Policies, clock: Callable[[], datetime] = clock.now
) -> Transaction[SqlUnitOfWork]:
    """Transactions that only read."""
    cache = SettingsCache()
    return opening(database.read, lambda connection: SqlUnitOfWork(connection, cache, policies, clock()))
