"""Tell the provider of tax what was paid and what was refunded."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.kernel.crash import crash_point
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.tax.given_back import NOTHING as NOTHING_YET
from app.modules.orders.domain.tax.given_back import GivenBack, beyond
from app.modules.orders.domain.tax.question import Recorded, TaxProvider, Unclear
from app.modules.orders.domain.tax.record import TaxRecord, parts_to_reverse
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork

log = logging.getLogger(__name__)

NOTHING = Recorded(transaction="", lines={})  # a refund that is too small for any line to get a unit of it


def request_sale(uow: UnitOfWork, order: Order) -> None:
    """The order is paid: tell the provider, by a job. To be called in the transaction that saves it."""
    if uow.policies.tax.is_asked and uow.tax_records.request(order.id, uow.now):
        uow.tax_records.record_later(order.id)


def request_reversal(uow: UnitOfWork, order: Order, given: GivenBack) -> None:
    """So much is refunded now: tell the provider what it has not been told. `order`: as it was before.

    A refund that fails takes nothing back, since the provider cannot undo a reversal; the refund that is made instead
    is then told only as far as it goes beyond.
    """
    if not uow.policies.tax.is_asked:
        return
    records = uow.tax_records.of(order.id)
    before = records[-1].after if records else NOTHING_YET
    after = beyond(before, min(given.amount, order.totals.total.amount), given.units)
    if records and records[0].requested_at is not None and after.amount > before.amount:
        record = TaxRecord(order_id=order.id, n=order.version, before=before, after=after, requested_at=uow.now)
        uow.tax_records.add(record)
        uow.tax_records.record_later(order.id)


def record_tax(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], provider: TaxProvider, order_id: UUID
) -> timedelta | None:
    """The job: tell the provider the oldest thing that it was not told, outside of any transaction, and store what it
    calls it. Returns when to run it again: at once while there is more. Raises Unavailable: the worker repeats it.
    """
    with reading() as uow:
        records = uow.tax_records.of(order_id)
        due = [each for each in records if each.requested_at is not None and each.recorded is None]
        if not due:
            return None
        record, order, lines = due[0], uow.orders.get(order_id), uow.tax.lines(order_id)
    try:
        recorded = _recorded_by(provider, records[0], record, order, lines)
    except Unclear:
        with transaction() as uow:
            uow.tax_records.try_anew(record)
        raise
    with transaction() as uow:
        if uow.tax_records.save(record, recorded, uow.now):
            what = "tax_reversed" if record.n else "tax_recorded"
            uow.timeline.record(order_id, "orders", what, uow.now, {"reference": record.reference})
    crash_point("after_tax_saved")
    return timedelta() if len(due) > 1 else None


def _recorded_by(
    provider: TaxProvider, sale: TaxRecord, record: TaxRecord, order: Order, lines: Sequence[TaxLine]
) -> Recorded:
    """Tell the provider. A refund of what it calls by an unknown name is left to a person: see the audit of tax."""
    if record is sale:
        return provider.commit(record.calculation, record.reference, record.key)
    assert sale.recorded, "it is told first"
    parts = parts_to_reverse(lines, order.currency, order.totals.total.amount, record)
    if not parts:
        return NOTHING
    if not sale.recorded.transaction:
        log.error("order %s: its refund has to be recorded by hand with the provider of tax", order.id)
        return NOTHING
    return provider.reverse(sale.recorded, parts, record.reference, record.key)
