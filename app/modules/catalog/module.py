"""catalog, put together: the one file that knows all the others."""

from app.config import Settings
from app.kernel.database import Database
from app.modules.catalog.infrastructure import tables
from app.modules.catalog.infrastructure.work import reading_on, transaction_on
from app.modules.catalog.subscriptions import SUBSCRIPTIONS
from app.wiring import Module


def catalog(settings: Settings) -> Module:
    """The module as these settings make it."""
    database = Database(settings.catalog_database)
    return Module(
        name="catalog",
        database=database,
        metadata=tables.metadata,
        transaction=transaction_on(database),
        reading=reading_on(database),
        blueprints=[],
        subscriptions=SUBSCRIPTIONS,
    )
