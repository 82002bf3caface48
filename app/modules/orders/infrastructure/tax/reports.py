"""The tax of a period, from the tax lines of orders and from what was refunded."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import BigInteger, Connection, cast, func, insert, select

from app.kernel.ids import first_id
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.tax.given_back import GivenBack
from app.modules.orders.domain.tax.report import Box, Refund, ReportRow, Side
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.infrastructure.orders.lists import MAX_REQUEST
from app.modules.orders.infrastructure.orders.unit_refunds import given_of, given_row
from app.modules.orders.infrastructure.tables import orders
from app.modules.orders.infrastructure.tax.tables import tax_lines, tax_refunds
from app.modules.orders.infrastructure.tax.tax import line_of

BOX = (tax_lines.c.jurisdiction, tax_lines.c.name, tax_lines.c.ppm, tax_lines.c.reason, orders.c.currency)
GIVEN = ("before", "after", "units_before", "units")
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
        change = (tax_refunds.c.order_id, tax_refunds.c.n)
        given = (tax_refunds.c.n.label("of"), *(tax_refunds.c[name] for name in GIVEN))
        query = (
            select(tax_lines, orders.c.currency, orders.c.total, *given)
            .join(tax_refunds, tax_refunds.c.order_id == tax_lines.c.order_id)
            .join(orders, orders.c.id == tax_lines.c.order_id)
            .where(COUNTED, tax_refunds.c.at >= since, tax_refunds.c.at < until)
            .order_by(*change, tax_lines.c.target, tax_lines.c.n)
        )
        for _, rows in groupby(self._connection.execute(query), key=lambda row: (row.order_id, row.of)):
            lines = list(rows)
            row = lines[0]
            before, after = given_of(row)
            yield Refund(
                lines=list(map(line_of, lines)), currency=row.currency, total=row.total, before=before, after=after
            )

    def record(self, order_id: UUID, n: int, at: datetime, before: GivenBack, after: GivenBack) -> None:
        self._connection.execute(
            insert(tax_refunds), {"order_id": order_id, "n": n, "at": at} | given_row(before, after)
        )
