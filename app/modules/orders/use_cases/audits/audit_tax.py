"""Audit what a provider of tax was told: each paid order, and each refund, once; and the categories of what is sold."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.domain.tax.rules import Engine
from app.modules.orders.ports import UnitOfWork

MAX_FOUND = 1000


def audit_tax(reading: Transaction[UnitOfWork], scope: AuditScope) -> Iterator[int | Discrepancy]:
    """Yield what was requested and not told, and orders of which more was reversed than is refunded. A job may take a
    moment. Where the table of rates decides, also categories of goods that do not exist.
    """
    with reading() as uow:
        waiting = uow.tax_records.waiting(uow.now - timedelta(seconds=scope.wait), MAX_FOUND)
        over = uow.tax_records.over_reversed(MAX_FOUND)
        unnamed = uow.tax_records.not_reversed(scope.since, MAX_FOUND)
        unknown = uow.tax.unknown_categories() if uow.policies.tax.engine is Engine.INTERNAL else ()
    yield 1
    for record in waiting:
        what = f"a refund of order {record.order_id}" if record.n else f"order {record.order_id}"
        yield Discrepancy(
            subject=str(record.order_id), sentence=f"the tax of {what} is not recorded with the provider yet"
        )
    for order_id in unnamed:
        sentence = f"order {order_id}: what the provider calls its tax is lost, so its refund is not recorded there"
        yield Discrepancy(subject=None, sentence=sentence)
    for order_id, recorded, refunded in over:
        sentence = f"order {order_id}: the provider has a refund of {recorded}, and {refunded} are refunded"
        yield Discrepancy(subject=None, sentence=f"{sentence}, since a refund has failed later")
    for slug, count, first in unknown:
        sentence = f"{count} SKUs, the first {first}, are of the tax category {slug}, which does not exist"
        yield Discrepancy(subject=None, sentence=f"{sentence}: they are taxed as standard")


def tell_again(transaction: Transaction[UnitOfWork], discrepancies: Sequence[Discrepancy], who: str) -> int:
    """Run the jobs of these orders at once. Returns how many."""
    subjects = {each.subject for each in discrepancies if each.subject}
    for subject in subjects:
        with transaction() as uow:
            uow.trail.record(who, "record tax", subject, "audit: it was not recorded")
            uow.tax_records.record_later(UUID(subject))
    return len(subjects)
