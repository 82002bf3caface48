"""The products that a search finds."""

from functools import partial
from typing import Any

from app.desk.pages import Pages, render
from app.desk.search import typed
from app.kernel.transaction import Transaction
from app.modules.catalog.desk.products import of_document, of_hit
from app.modules.catalog.domain.search import Query, Sort
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search

SHOWN = 20


def add_found(pages: Pages, reading: Transaction[Reading], search: Search) -> None:
    pages.page("/found", "found", partial(found_page, reading, search), methods=("GET", "POST"))


def found_page(reading: Transaction[Reading], search: Search) -> str:
    """By external reference, or else by words; those on sale only, since the search has no others."""
    rows = _matching(reading, search, typed()[:200]) if typed() else []
    return render("catalog/found.html", rows=rows[:SHOWN], more=len(rows) > SHOWN)


def _matching(reading: Transaction[Reading], search: Search, text: str) -> list[dict[str, Any]]:
    with reading() as shop:
        found = [of_document(shop.document(each.id)) for each in shop.records_with(text)]
    if found:
        return found
    return [of_hit(hit) for hit in search.find(Query(words=text, sort=Sort.RELEVANCE, limit=SHOWN + 1)).hits]
