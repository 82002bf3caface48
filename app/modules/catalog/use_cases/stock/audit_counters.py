"""Hold the counters of stock against the ledger and the holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.audit import Finding
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.stock import Counted
from app.modules.catalog.ports.reading import Reading

BATCH = 200  # skus a look


@dataclass(frozen=True)
class AuditCounters:
    """Per sku, always: on hand is what the ledger says, held is what it says and what the holds add up to."""

    reading: Transaction[Reading]

    def execute(self) -> Iterator[int | Finding]:
        after = ""
        while True:
            with self.reading() as reading:
                counted = reading.counted(after, BATCH)
            for each in counted:
                yield from _differences(each)
            yield len(counted)
            if len(counted) < BATCH:
                return
            after = counted[-1].sku


def _differences(counted: Counted) -> Iterator[Finding]:
    for what, is_now, source, must_be in (
        ("on hand", counted.on_hand, "the ledger", counted.on_hand_by_ledger),
        ("held", counted.held, "the ledger", counted.held_by_ledger),
        ("held", counted.held, "the holds of open orders", counted.held_by_holds),
    ):
        if is_now != must_be:
            yield Finding(subject=counted.sku, sentence=f"{counted.sku}: {is_now} {what}, {must_be} by {source}")
