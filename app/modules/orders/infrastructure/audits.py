"""What `flask audit` makes sure of in orders."""

from collections.abc import Sequence
from uuid import UUID

from app.kernel.audit import Asked, Audit, Finding
from app.kernel.transaction import Transaction
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.audits.audit_orders import audit_orders
from app.modules.orders.use_cases.orders.nudge_order import nudge_order


def audits(transaction: Transaction[Work], reading: Transaction[Work]) -> list[Audit]:
    """Orders against their stock and their money."""

    def count(asked: Asked) -> int:
        with reading() as work:
            return work.orders.count_touched(asked.since)

    def nudge(findings: Sequence[Finding], who: str) -> int:
        mendable = [each for each in findings if each.subject]
        for order_id in dict.fromkeys(each.subject for each in mendable if each.subject):
            told = "; ".join(each.sentence for each in mendable if each.subject == order_id)
            with transaction() as work:
                nudge_order(work, UUID(order_id), who, f"audit: {told}")
        return len(mendable)

    return [
        Audit(
            name="orders",
            about="orders, their stock in catalog, their money in payments",
            count=count,
            compare=lambda asked: audit_orders(transaction, reading, asked),
            fix=nudge,
            advice="run this again with --fix: the orders are nudged; what is left then, see `flask orders show ID`",
        )
    ]
