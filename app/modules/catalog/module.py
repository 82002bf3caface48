"""The wiring of the catalog module: the only file that imports from all its layers."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from app.config.addresses import place
from app.config.settings import Settings
from app.kernel.database import Database
from app.modules.catalog.commands import commands
from app.modules.catalog.controllers.categories import categories_blueprint
from app.modules.catalog.controllers.products import products_blueprint
from app.modules.catalog.controllers.record import records_blueprint
from app.modules.catalog.controllers.stock import stock_blueprint
from app.modules.catalog.desk.pages import catalog_pages
from app.modules.catalog.infrastructure import tables
from app.modules.catalog.infrastructure.audits import audits
from app.modules.catalog.infrastructure.currency import currency_check
from app.modules.catalog.infrastructure.demo.load import DEMO_NOTES, load_demo
from app.modules.catalog.infrastructure.search.checkup import search_check
from app.modules.catalog.infrastructure.search.database import DatabaseSearch
from app.modules.catalog.infrastructure.search.fts5 import Fts5Search
from app.modules.catalog.infrastructure.unit_of_work import reading_on, transaction_on
from app.modules.catalog.ports.search import Search
from app.modules.catalog.settings import CatalogSettings
from app.modules.catalog.subscriptions import SUBSCRIPTIONS
from app.modules.catalog.use_cases.categories.follow_categories import FollowCategories
from app.modules.catalog.use_cases.products.one_currency import withdraw_other_currencies
from app.modules.catalog.use_cases.search.index_products import IndexProduct, OutOfTime, Reindex
from app.modules.catalog.use_cases.search.list_products import ListProducts
from app.modules.catalog.use_cases.stock.publish_stock_level import PublishStockLevel
from app.wiring import Module, Schedule

REBUILD_SECONDS = 10.0  # that a rebuild runs before the worker may run other jobs; the lease of a job is 30
CHECK_SECONDS = 10.0  # between checks for a lost index


def catalog(settings: Settings) -> Module:
    own = settings.own(CatalogSettings)
    database = Database(settings.database_of("catalog", own.database))
    transaction, reading = transaction_on(database, own.shop_currency), reading_on(database)
    search: Search = Fts5Search(settings.data / "search.sqlite")
    without_index = DatabaseSearch(database)
    if own.elasticsearch_url:  # its client is large, so it is imported only here
        from app.modules.catalog.infrastructure.search.elasticsearch import ElasticsearchSearch
        from app.modules.catalog.infrastructure.search.server import Clients, server

        search = ElasticsearchSearch(Clients(server(own), settings.threads), own.search_index, without_index)

    def index(subject: str) -> None:
        IndexProduct(reading, search).execute(UUID(subject))

    def publish_level(subject: str) -> None:
        with transaction() as uow:
            PublishStockLevel(uow).execute(subject)

    def follow_categories(_: str) -> timedelta | None:
        with transaction() as uow:
            more = FollowCategories(uow).execute()
        return timedelta() if more else None

    def build(_: str) -> timedelta | None:
        try:
            Reindex(reading, search).execute(seconds=REBUILD_SECONDS)
        except OutOfTime:
            return timedelta()
        return None

    def enqueue_rebuild_if_lost() -> None:
        if search.is_lost():
            with transaction() as uow:
                uow.enqueue_rebuild()

    def build_now() -> None:
        if not own.elasticsearch_url:  # Elasticsearch is filled by workers, and may be down now
            Reindex(reading, search).execute()
            search.close()

    def build_lost_index() -> None:
        if own.elasticsearch_url:
            if without_index.is_lost():
                ListProducts(reading, without_index).execute()
            enqueue_rebuild_if_lost()
        elif search.is_lost():
            build_now()
        search.close()

    def after_upgrade() -> None:
        with transaction() as uow:
            withdraw_other_currencies(uow)
            if uow.variants.misplaced(1):
                uow.enqueue_following()
        build_lost_index()

    return Module(
        name="catalog",
        settings=own,
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        root_keys=settings.root_public_keys,
        metrics_port=8000,
        blueprints=[
            products_blueprint(transaction, reading, search, settings.media_origins),
            records_blueprint(reading),
            categories_blueprint(transaction, reading),
            stock_blueprint(transaction, reading),
        ],
        desk=[catalog_pages(transaction, reading, search, settings.media_origins, own.shop_currency)],
        subscriptions=SUBSCRIPTIONS,
        tasks={"index": index, "level": publish_level, "rebuild": build, "categories": follow_categories},
        schedules=[Schedule("catalog: find a lost index", CHECK_SECONDS, enqueue_rebuild_if_lost)],
        after_upgrade=after_upgrade,
        close=search.close,
        demo=lambda: load_demo(transaction, reading, build_now),
        demo_notes=DEMO_NOTES,
        commands=[commands(transaction, reading, search)],
        audits=audits(transaction, reading, search),
        backends=[f"search: {_backend(own)}"],
        stored=[] if own.elasticsearch_url else ["the search index"],
        degraded={"search": search.trouble},
        checkups={
            "search": partial(search_check, own, reading, search),
            "currency": partial(currency_check, own.shop_currency, database),
        },
    )


def _backend(own: CatalogSettings) -> str:
    return f"Elasticsearch at {place(own.elasticsearch_url)}" if own.elasticsearch_url else "a file"
