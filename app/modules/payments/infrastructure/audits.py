"""What `flask audit` makes sure of in payments."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.audit_stripe import audit_stripe
from app.modules.payments.use_cases.reconcile.look_again import look_again

UNDER_WAY = timedelta(minutes=10)


def audits(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], gateway: Gateway) -> list[Audit]:
    """Our payments against Stripe's."""

    def count(asked: AuditScope) -> int:
        with reading() as uow:
            return uow.payments.count_since(asked.since)

    def compare(asked: AuditScope) -> Iterator[int | Discrepancy]:
        return audit_stripe(reading, gateway, asked.since, clock.now() - UNDER_WAY, asked.wait)

    def fix(discrepancies: Sequence[Discrepancy], who: str) -> int:
        mendable = [each for each in discrepancies if each.subject]
        for each in mendable:
            with transaction() as uow:
                look_again(uow, UUID(each.subject), who, f"audit: {each.sentence}")
        return len(mendable)

    return [
        Audit(
            name="stripe",
            about="payments, and what Stripe says of them",
            count=count,
            compare=compare,
            fix=fix,
            advice="run this again with --fix: Stripe is looked at anew; what is left then, see in Stripe's dashboard",
        )
    ]
