"""catalog, put together: the one file that knows all the others."""

from uuid import UUID

from app.config import Settings
from app.kernel.database import Database
from app.modules.catalog.commands import catalog as commands
from app.modules.catalog.controllers import categories, products, stock
from app.modules.catalog.infrastructure import tables
from app.modules.catalog.infrastructure.demo import DEMO_NOTES, load_demo
from app.modules.catalog.infrastructure.search_fts5 import Fts5Search
from app.modules.catalog.infrastructure.work import reading_on, transaction_on
from app.modules.catalog.subscriptions import SUBSCRIPTIONS
from app.modules.catalog.use_cases.index_products import IndexProduct, Reindex
from app.modules.catalog.use_cases.say_stock_level import SayStockLevel
from app.wiring import Module


def catalog(settings: Settings) -> Module:
    """The module as these settings make it."""
    database = Database(settings.catalog_database)
    transaction, reading = transaction_on(database), reading_on(database)
    search = Fts5Search(settings.data / "search.sqlite")

    def index(subject: str) -> None:
        IndexProduct(reading, search).execute(UUID(subject))

    def say_level(subject: str) -> None:
        with transaction() as work:
            SayStockLevel(work).execute(subject)

    def build_lost_index() -> None:
        if not search.is_complete():
            Reindex(reading, search).execute()
        search.close()

    return Module(
        name="catalog",
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        adapters={"search": search},
        blueprints=[products.blp, categories.blp, stock.blp],
        subscriptions=SUBSCRIPTIONS,
        tasks={"index": index, "level": say_level},
        after_upgrade=build_lost_index,
        demo=lambda: load_demo(transaction, reading, search),
        demo_notes=DEMO_NOTES,
        commands=[commands],
        degraded={"search": lambda: None if search.is_complete() else "incomplete: run `flask catalog reindex`"},
    )
