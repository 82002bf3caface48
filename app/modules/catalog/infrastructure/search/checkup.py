"""The check of the search index that `flask doctor` runs, for Elasticsearch and for the SQLite file."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.settings import CatalogSettings

REINDEX = "flask catalog reindex"


def search_check(settings: CatalogSettings, reading: Transaction[Reading], search: Search) -> Iterator[CheckResult]:
    """Check the Elasticsearch server, if one is configured, then the index, and whether it has all products."""
    if settings.elasticsearch_url:
        from app.modules.catalog.infrastructure.search.server_checkup import server_check

        if not (yield from server_check(settings)):
            return
    try:
        with reading() as shop:
            products, _ = shop.count()
        if not settings.elasticsearch_url and search.is_lost():
            yield wrong("search", "", "the index is missing or incomplete: searches find nothing", REINDEX)
        else:
            yield _compared(products, search)
    except DBAPIError:
        return  # another check reports that the database is not available
    except Unavailable as error:
        yield wrong("search", "", error.sentence, "see Elasticsearch's log")


def _compared(products: int, search: Search) -> CheckResult:
    indexed = search.count()
    if indexed == products:
        return ok("search", "", f"{products} products, as in the database")
    advice = "flask catalog verify-index --fix, unless products were just changed"
    return warn("search", "", f"the index has {indexed} products, the database {products}", advice)
