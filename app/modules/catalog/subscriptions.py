"""The events that catalog consumes, and what it does with each."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from app.bus.contracts.orders import (
    Line,
    OrderAuditRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderNudged,
    OrderPlaced,
    OrderRefunded,
    ShipmentChanged,
    Units,
    UnitsCancelled,
)
from app.bus.subscription import Subscriptions, reaction
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.stock.answer_nudge import AnswerNudge
from app.modules.catalog.use_cases.stock.audit_stock import AuditStock
from app.modules.catalog.use_cases.stock.give_stock_back import GiveStockBack
from app.modules.catalog.use_cases.stock.hold_stock import HoldStock
from app.modules.catalog.use_cases.stock.record_dispatch import RecordDispatch
from app.modules.catalog.use_cases.stock.reduce_sale import ReduceSale
from app.modules.catalog.use_cases.stock.sell_stock import SellStock

LEFT = frozenset({"dispatched", "delivered", "lost"})  # statuses of a shipment whose units are no longer on the shelf


def when_order_placed(uow: UnitOfWork, event: OrderPlaced) -> None:
    """Hold the order's stock: all of its units, or none if any sku is short. Publishes which it was."""
    HoldStock(uow).execute(UUID(event.order_id), _units(event.lines))


def when_order_confirmed(uow: UnitOfWork, event: OrderConfirmed) -> None:
    """Sell the stock that is held for the order."""
    SellStock(uow).execute(UUID(event.order_id))


def when_order_is_off(uow: UnitOfWork, event: OrderCancelled | OrderRefunded) -> None:
    """Release the stock that is held for the order, or put sold stock back on hand."""
    GiveStockBack(uow).execute(UUID(event.order_id))


def when_shipment_changed(uow: UnitOfWork, event: ShipmentChanged) -> None:
    """Record that the units of a dispatched shipment have left the shelf; before that, nothing happens here."""
    if event.status in LEFT:
        RecordDispatch(uow).execute(UUID(event.shipment_id), UUID(event.order_id), _units(event.lines))


def when_units_cancelled(uow: UnitOfWork, event: UnitsCancelled) -> None:
    """Put the sold units of the order that were cancelled before they left back on hand."""
    ReduceSale(uow).execute(UUID(event.order_id), _units(event.remaining))


def when_order_nudged(uow: UnitOfWork, event: OrderNudged) -> None:
    """Do what the order's status requires of its stock; if nothing is missing, publish the earlier events again."""
    quantities = _remaining(event)
    AnswerNudge(uow).execute(UUID(event.order_id), event.status, quantities)
    ReduceSale(uow).execute(UUID(event.order_id), quantities)
    for shipment in event.shipments:
        RecordDispatch(uow).execute(UUID(shipment.shipment_id), UUID(event.order_id), _units(shipment.lines))


def when_order_audit_requested(uow: UnitOfWork, event: OrderAuditRequested) -> None:
    """Publish whether the order's stock agrees with its status and lines."""
    dispatched = _units(units for shipment in event.shipments for units in shipment.lines)
    about = event.status, _remaining(event), dispatched
    AuditStock(uow).execute(event.audit, UUID(event.order_id), *about, event.version)


def _remaining(event: OrderNudged | OrderAuditRequested) -> Counter[str]:
    """The units of the order's lines that are not cancelled."""
    return _units(event.lines) - _units(event.cancelled)


def _units(lines: Iterable[Line | Units]) -> Counter[str]:
    quantities: Counter[str] = Counter()
    for line in lines:
        quantities[line.sku] += line.quantity
    return quantities


# All but those of shipments and audits lock rows of stock, each in the order of its own skus: with several events in
# one transaction, two such transactions could deadlock. Therefore they are not consumed in batches, except where there
# is one writer.
SUBSCRIPTIONS: Subscriptions = {
    OrderPlaced: reaction(when_order_placed, batch=False),
    OrderConfirmed: reaction(when_order_confirmed, batch=False),
    OrderCancelled: reaction(when_order_is_off, batch=False),
    OrderRefunded: reaction(when_order_is_off, batch=False),
    UnitsCancelled: reaction(when_units_cancelled, batch=False),
    ShipmentChanged: reaction(when_shipment_changed),
    OrderNudged: reaction(when_order_nudged, batch=False),
    OrderAuditRequested: reaction(when_order_audit_requested),
}
