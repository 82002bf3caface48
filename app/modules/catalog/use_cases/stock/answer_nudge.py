"""Answer an order that asks where its stock stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import Shortage, StockRejected, StockReleased, StockReserved, StockReturned, StockSold
from app.bus.event import Event
from app.modules.catalog.domain.stock import Claim, Reservation
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.stock.give_stock_back import GiveStockBack
from app.modules.catalog.use_cases.stock.hold_stock import HoldStock
from app.modules.catalog.use_cases.stock.sell_stock import SellStock

SOLD = frozenset({"confirmed", "paid"})  # orders' statuses, and what they ask of stock
OFF = frozenset({"cancelled", "refunded"})


@dataclass(frozen=True)
class AnswerNudge:
    """Do what the order's status asks for, where that was not done; where it was, say again what was said.

    What was given back is never held again, and what was rejected stays so: orders alone decides what becomes of it.
    """

    work: Work

    def execute(self, order_id: UUID, status: str, quantities: Mapping[str, int]) -> None:
        claim = self.work.reservations.find(order_id)
        known = claim.version if claim else 0
        if claim is None:
            if status in OFF:
                return
            claim = HoldStock(self.work).execute(order_id, quantities)
        if status in OFF:
            GiveStockBack(self.work).execute(order_id)
        elif status in SOLD and claim.status is Claim.HELD:
            SellStock(self.work).execute(order_id)
        if claim.version == known:
            self.work.say_again(*self._said(claim, quantities))

    def _said(self, claim: Reservation, quantities: Mapping[str, int]) -> list[Event]:
        order_id, version = str(claim.order_id), claim.version
        match claim.status:
            case Claim.HELD:
                return [StockReserved(order_id=order_id, version=version)]
            case Claim.SOLD:
                return [StockReserved(order_id=order_id, version=1), StockSold(order_id=order_id, version=version)]
            case Claim.REJECTED:  # with what is short now: what was then is not kept
                now = self.work.stock.short_of(quantities)
                short = [Shortage(sku=each.sku, wanted=each.wanted, available=each.available) for each in now]
                return [StockRejected(order_id=order_id, short=short, version=version)]
            case Claim.RELEASED:
                return [StockReleased(order_id=order_id, version=version)]
            case Claim.RETURNED:
                return [StockReturned(order_id=order_id, version=version)]
