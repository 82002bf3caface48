"""The tax of a period, from the tax lines of orders and from what was refunded."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Connection, cast, func, insert, select

from app.kernel.ids import first_id
from app.modules.orders.domain.state_machine import Status
from app.modules.orders.domain.tax.report import Box, Refund, ReportRow, Side
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.infrastructure.order_lists import MAX_REQUEST
from app.modules.orders.infrastructure.tables import orders
from app.modules.orders.infrastructure.tax import line_of
from app.modules.orders.infrastructure.tax_tables import tax_lines, tax_refunds

BOX = (tax_lines.c.jurisdiction, tax_lines.c.name, tax_lines.c.ppm, tax_lines.c.reason, orders.c.currency)
COUNTED = orders.c.status != Status.CANCELLED


class SqlTaxReports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def placed(self, since: datetime, until: datetime) -> list[ReportRow]:
        base, amount = (cast(func.sum(each), BigInteger) for each in (tax_lines.c.base, tax_lines.c.amount))
        query = (
            select(*BOX, base.label("base"), amount.label("amount"))
            .join(orders, orders.c.id == tax_lines.c.order_id)
            .where(COUNTED, orders.c.placed_at >= since, orders.c.placed_at < until)
            .where(orders.c.id >= first_id(since - MAX_REQUEST), orders.c.id < first_id(until))
            .group_by(*BOX)
            .order_by(*BOX)
        )
        return [
            ReportRow(
                Box(Side.PLACED, row.jurisdiction, row.name, row.ppm, Reason(row.reason), row.currency),
                row.base,
                row.amount,
            )
            for row in self._connection.execute(query)
        ]

    def refunds(self, since: datetime, until: datetime) -> Iterable[Refund]:
        query = (
            select(tax_lines, orders.c.currency, orders.c.total, tax_refunds.c.before, tax_refunds.c.after)
            .join(tax_refunds, tax_refunds.c.order_id == tax_lines.c.order_id)
            .join(orders, orders.c.id == tax_lines.c.order_id)
            .where(COUNTED, tax_refunds.c.at >= since, tax_refunds.c.at < until)
        )
        for row in self._connection.execute(query):
            yield Refund(line=line_of(row), currency=row.currency, total=row.total, before=row.before, after=row.after)

    def record(self, order_id: UUID, n: int, at: datetime, before: int, after: int) -> None:
        row = {"order_id": order_id, "n": n, "at": at, "before": before, "after": after}
        self._connection.execute(insert(tax_refunds), row)
