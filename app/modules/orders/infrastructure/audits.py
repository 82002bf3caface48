"""What `flask audit` makes sure of in orders."""

from collections.abc import Sequence
from uuid import UUID

from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.audits.audit_orders import audit_orders
from app.modules.orders.use_cases.orders.nudge_order import nudge_order


def audits(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> list[Audit]:
    """Orders against their stock and their money."""

    def count(asked: AuditScope) -> int:
        with reading() as uow:
            return uow.orders.count_touched(asked.since)

    def nudge(discrepancies: Sequence[Discrepancy], who: str) -> int:
        mendable = [each for each in discrepancies if each.subject]
        for order_id in dict.fromkeys(each.subject for each in mendable if each.subject):
            reasons = "; ".join(each.sentence for each in mendable if each.subject == order_id)
            with transaction() as uow:
                nudge_order(uow, UUID(order_id), who, f"audit: {reasons}")
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
