"""What `flask audit` makes sure of in payments."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.audit import Asked, Audit, Finding
from app.kernel.transaction import Transaction
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.reconcile.audit_stripe import audit_stripe
from app.modules.payments.use_cases.reconcile.look_again import look_again

UNDER_WAY = timedelta(minutes=10)


def audits(transaction: Transaction[Work], reading: Transaction[Work], gateway: Gateway) -> list[Audit]:
    """Our payments against Stripe's."""

    def count(asked: Asked) -> int:
        with reading() as work:
            return work.payments.count_since(asked.since)

    def compare(asked: Asked) -> Iterator[int | Finding]:
        return audit_stripe(reading, gateway, asked.since, clock.now() - UNDER_WAY, asked.wait)

    def fix(findings: Sequence[Finding], who: str) -> int:
        mendable = [each for each in findings if each.subject]
        for each in mendable:
            with transaction() as work:
                look_again(work, UUID(each.subject), who, f"audit: {each.sentence}")
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
