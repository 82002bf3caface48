"""The audit of payments for `flask audit`."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.audit_stripe import audit_stripe
from app.modules.payments.use_cases.reconcile.look_again import look_again

IN_PROGRESS = timedelta(minutes=10)  # younger payments may still be in progress


def audits(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], gateway: Gateway) -> list[Audit]:
    """Return the audit that compares payments with Stripe."""

    def count(scope: AuditScope) -> int:
        with reading() as uow:
            return uow.payments.count_since(scope.since)

    def compare(scope: AuditScope) -> Iterator[int | Discrepancy]:
        return audit_stripe(reading, gateway, scope.since, clock.now() - IN_PROGRESS, scope.wait)

    def fix(discrepancies: Sequence[Discrepancy], who: str) -> int:
        fixable = [each for each in discrepancies if each.subject]
        for each in fixable:
            with transaction() as uow:
                look_again(uow, UUID(each.subject), who, f"audit: {each.sentence}")
        return len(fixable)

    return [
        Audit(
            name="stripe",
            about="payments, and the same payments at Stripe",
            count=count,
            compare=compare,
            fix=fix,
            advice="run this again with --fix, which reads them from Stripe again; then check Stripe's dashboard",
        )
    ]
