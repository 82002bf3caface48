"""Explain where the stock of a sku is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.modules.catalog.domain.stock import Hold, Level
from app.modules.catalog.ports.reading import Reading

MAX_HOLDS = 100  # holds that are listed


@dataclass(frozen=True)
class Explanation:
    """The counters of a sku, the orders that hold it, and the sums of its ledger by kind of movement."""

    level: Level
    holds: Sequence[Hold]
    ledger: Mapping[str, int]

    @property
    def on_hand_by_ledger(self) -> int:
        """The units on hand according to the ledger: received, adjusted and returned, minus sold."""
        added = sum(self.ledger.get(kind, 0) for kind in ("received", "adjusted", "returned"))
        return added - self.ledger.get("sold", 0)

    @property
    def unshipped(self) -> int:
        """The units that are sold and still on the shelf: neither dispatched nor returned."""
        return self.ledger.get("sold", 0) - self.ledger.get("dispatched", 0) - self.ledger.get("returned", 0)

    @property
    def agrees(self) -> bool:
        """Whether the counter `on_hand` equals the sum of the ledger."""
        return self.level.on_hand == self.on_hand_by_ledger


@dataclass(frozen=True)
class ExplainStock:
    """Collect where the stock of a sku is. Three queries run one after another, so while orders are placed their
    results may differ by one order."""

    reading: Reading

    def execute(self, sku: str) -> Explanation:
        level = self.reading.level(sku)
        return Explanation(level, self.reading.holds(sku, MAX_HOLDS), self.reading.moved(sku))
