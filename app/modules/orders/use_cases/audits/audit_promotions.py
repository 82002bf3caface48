"""Audit promotions: whether the counters of uses are what the redemptions say."""

from collections.abc import Iterator, Sequence

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.domain.promotions.stored import Miscount
from app.modules.orders.ports import UnitOfWork


def audit_promotions(reading: Transaction[UnitOfWork], _scope: AuditScope) -> Iterator[int | Discrepancy]:
    """Yield each counter that is wrong. Counters and redemptions change in one transaction: none is in between."""
    with reading() as uow:
        found = uow.promotions.miscounts()
    yield 1
    for each in found:
        of = f" of customer {each.customer_id}" if each.customer_id else ""
        sentence = f"{each.table} {each.key}{of}: {each.counter} uses are counted, and orders have {each.rows}"
        yield Discrepancy(subject=_subject(each), sentence=sentence)


def correct_counters(transaction: Transaction[UnitOfWork], discrepancies: Sequence[Discrepancy], who: str) -> int:
    """Set the counters to what the redemptions say, each in its own transaction. Returns how many."""
    subjects = {each.subject for each in discrepancies}
    with transaction() as uow:
        wrong = [each for each in uow.promotions.miscounts() if _subject(each) in subjects]
    for each in wrong:
        with transaction() as uow:
            uow.promotions.correct(each)
            uow.trail.record(who, "correct uses", f"{each.table} {each.key}", f"audit: {each.counter}, not {each.rows}")
    return len(wrong)


def _subject(miscount: Miscount) -> str:
    return f"{miscount.table} {miscount.key} {miscount.customer_id or ''}".strip()
