"""Follow what becomes of refunds of units, as payments reports it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.unit_refund import UnitRefund, after_report, not_refunded, units_given_back
from app.modules.orders.domain.tax.given_back import Units
from app.modules.orders.ports import UnitOfWork


@dataclass(frozen=True)
class ReportedUnits:
    """What payments reports about refunds of units: those that it changes; and what of the order was refunded by units
    before and after that.
    """

    changed: Sequence[UnitRefund]
    before: Units
    after: Units

    def counted(self, order: Order) -> Order:
        """The order, in whose lines the units of failed refunds do not count."""
        for each in self.changed:
            if each.has_failed:
                order = replace(order, lines=not_refunded(order.lines, each))
        return order

    def store(self, uow: UnitOfWork, saved: Order) -> None:
        """To be called once the order is saved. Raises Stale."""
        for each in self.changed:
            uow.refunds.save(each)
            if each.has_failed:
                uow.refunds.count(saved, each, -1)


def reported_units(uow: UnitOfWork, order: Order, states: Mapping[UUID, str]) -> ReportedUnits:
    """Compare with what payments reports: the state of each refund of units, by id. Most orders have none."""
    if not any(line.refunded for line in order.lines):
        return ReportedUnits((), {}, {})
    known = uow.refunds.of(order.id)
    now = [after_report(each, states.get(each.id, "")) for each in known]
    changed = [after for before, after in zip(known, now, strict=True) if after is not before]
    return ReportedUnits(changed, units_given_back(order, known), units_given_back(order, now))
