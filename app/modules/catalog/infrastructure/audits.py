"""The audits of catalog, which `flask audit` runs."""

from collections.abc import Sequence

from app.kernel.audit import Audit, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.search.audit_index import AuditIndex
from app.modules.catalog.use_cases.search.index_products import Reindex
from app.modules.catalog.use_cases.search.verify_index import VerifyIndex
from app.modules.catalog.use_cases.stock.audit_counters import AuditCounters

COUNT_AGAIN = (
    "counters are never corrected automatically: see `/api/v1/stock/SKU/movements` for who moved the stock and when, "
    "find out who wrote to the database directly, count the units, and correct the counter in the database"
)


def audits(transaction: Transaction[UnitOfWork], reading: Transaction[Reading], search: Search) -> list[Audit]:
    """Return the audits of the stock counters and of the search index."""

    def skus() -> int:
        with reading() as shop:
            return shop.count()[1]

    def products() -> int:
        with reading() as shop:
            return shop.count()[0]

    def mend_index(discrepancies: Sequence[Discrepancy], who: str) -> int:
        with transaction() as uow:
            for each in discrepancies:
                uow.trail.record(who, "mend index", each.subject or "all", f"audit: {each.sentence}")
        differs = VerifyIndex(reading, search).execute(fix=True)
        if differs["ahead"] or differs["unknown"] or search.is_lost():
            Reindex(reading, search).execute()
        return len(discrepancies)

    return [
        Audit(
            name="counters",
            about="stock counters, the ledger, the holds of open orders",
            count=lambda _: skus(),
            compare=lambda _: AuditCounters(reading).execute(),
            advice=COUNT_AGAIN,
        ),
        Audit(
            name="index",
            about="products in the database, and in the search index",
            count=lambda _: products(),
            compare=lambda asked: AuditIndex(reading, search).execute(asked.wait),
            fix=mend_index,
            advice="run this again with --fix, or `flask catalog verify-index --fix`",
        ),
    ]
