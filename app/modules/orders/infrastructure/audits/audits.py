"""The audits that orders adds to `flask audit`: orders, their documents and tax, and the counters of promotions."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.audits.audit_documents import audit_documents
from app.modules.orders.use_cases.audits.audit_orders import audit_orders
from app.modules.orders.use_cases.audits.audit_promotions import audit_promotions, correct_counters
from app.modules.orders.use_cases.audits.audit_tax import audit_tax, tell_again
from app.modules.orders.use_cases.orders.nudge_order import nudge_order


def audits(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> list[Audit]:
    """The audits of this module; their fix nudges each order that has a discrepancy."""

    def count(scope: AuditScope) -> int:
        with reading() as uow:
            return uow.orders.count_touched(scope.since)

    def count_documented(scope: AuditScope) -> int:
        with reading() as uow:
            return uow.documents.count_since(scope.since)

    def nudge(discrepancies: Sequence[Discrepancy], who: str) -> int:
        fixable = [each for each in discrepancies if each.subject]
        for order_id in dict.fromkeys(each.subject for each in fixable if each.subject):
            reasons = "; ".join(each.sentence for each in fixable if each.subject == order_id)
            with transaction() as uow:
                nudge_order(uow, UUID(order_id), who, f"audit: {reasons}")
        return len(fixable)

    return [
        Audit(
            name="orders",
            about="orders, their stock in catalog, their money in payments",
            count=count,
            compare=lambda scope: audit_orders(transaction, reading, scope),
            fix=nudge,
            advice="run this again with --fix to nudge these orders; inspect those that remain: `flask orders show ID`",
        ),
        Audit(
            name="documents",
            about="invoices and credit notes, their orders and their numbers",
            count=count_documented,
            compare=lambda scope: audit_documents(reading, scope),
            fix=nudge,
            advice="run this again with --fix to nudge these orders; restore documents that are missing from a backup",
        ),
        Audit(
            name="tax",
            about="what Stripe Tax was told of paid orders and of refunds; the tax categories of what is sold",
            count=lambda scope: 1,
            compare=partial(audit_tax, reading),
            fix=partial(tell_again, transaction),
            advice="run this again with --fix to tell it at once; if that fails, the log of orders has the code with "
            "which Stripe refuses it; correct by hand in its dashboard what was reversed too far; add a category that "
            "does not exist, or give the variants another one",
        ),
        Audit(
            name="promotions",
            about="the counters of promotions, coupons and customers against the orders that used them",
            count=lambda scope: 1,
            compare=partial(audit_promotions, reading),
            fix=partial(correct_counters, transaction),
            advice="run this again with --fix to set the counters to what the orders say; one that remains has more "
            "orders than its limit: raise the limit, or end the promotion",
        ),
    ]
