"""Compare the stock counters with the ledger and the holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.audit import Discrepancy
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.stock import StockCounts
from app.modules.catalog.ports.reading import Reading

BATCH = 200  # skus per query


@dataclass(frozen=True)
class AuditCounters:
    """Check for each sku that `on_hand` equals the sum of the ledger, and `held` both the sum of the ledger and the sum
    of the holds of open orders, and that what is sold and not dispatched is the same by the ledger and by the orders.
    This must be so at any time."""

    reading: Transaction[Reading]

    def execute(self) -> Iterator[int | Discrepancy]:
        after = ""
        while True:
            with self.reading() as reading:
                stock_counts = reading.stock_counts(after, BATCH)
            for each in stock_counts:
                yield from _differences(each)
            yield len(stock_counts)
            if len(stock_counts) < BATCH:
                return
            after = stock_counts[-1].sku


def _differences(stock_counts: StockCounts) -> Iterator[Discrepancy]:
    for what, counter, source, expected in (
        ("on hand", stock_counts.on_hand, "the ledger", stock_counts.on_hand_by_ledger),
        ("held", stock_counts.held, "the ledger", stock_counts.held_by_ledger),
        ("held", stock_counts.held, "the holds of open orders", stock_counts.held_by_holds),
        ("unshipped by the ledger", stock_counts.unshipped_by_ledger, "orders", stock_counts.unshipped_by_orders),
    ):
        if counter != expected:
            yield Discrepancy(
                subject=stock_counts.sku, sentence=f"{stock_counts.sku}: {counter} {what}, {expected} by {source}"
            )
