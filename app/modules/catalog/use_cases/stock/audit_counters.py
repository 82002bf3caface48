"""Hold the counters of stock against the ledger and the holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.audit import Discrepancy
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.stock import StockCounts
from app.modules.catalog.ports.reading import Reading

BATCH = 200  # skus a look


@dataclass(frozen=True)
class AuditCounters:
    """Per sku, always: on hand is what the ledger says, held is what it says and what the holds add up to."""

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
    for what, is_now, source, must_be in (
        ("on hand", stock_counts.on_hand, "the ledger", stock_counts.on_hand_by_ledger),
        ("held", stock_counts.held, "the ledger", stock_counts.held_by_ledger),
        ("held", stock_counts.held, "the holds of open orders", stock_counts.held_by_holds),
    ):
        if is_now != must_be:
            yield Discrepancy(
                subject=stock_counts.sku, sentence=f"{stock_counts.sku}: {is_now} {what}, {must_be} by {source}"
            )
