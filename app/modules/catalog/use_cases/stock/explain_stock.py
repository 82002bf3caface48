"""Explain a sku's stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.modules.catalog.domain.stock import Hold, Level
from app.modules.catalog.ports.reading import Reading

MAX_HOLDS = 100  # holds that are listed


@dataclass(frozen=True)
class Explanation:
    """The counters, who holds of it, and what the ledger adds up to; `agrees` says whether they tell one story."""

    level: Level
    holds: Sequence[Hold]
    ledger: Mapping[str, int]

    @property
    def on_hand_by_ledger(self) -> int:
        """Received, adjusted and returned, less what was sold."""
        came = sum(self.ledger.get(kind, 0) for kind in ("received", "adjusted", "returned"))
        return came - self.ledger.get("sold", 0)

    @property
    def agrees(self) -> bool:
        """Whether the counter on hand is what the ledger says."""
        return self.level.on_hand == self.on_hand_by_ledger


@dataclass(frozen=True)
class ExplainStock:
    """Show where a sku's stock is. Three looks one after the other: while orders come in they may be apart by one."""

    reading: Reading

    def execute(self, sku: str) -> Explanation:
        level = self.reading.level(sku)
        return Explanation(level, self.reading.holds(sku, MAX_HOLDS), self.reading.moved(sku))
