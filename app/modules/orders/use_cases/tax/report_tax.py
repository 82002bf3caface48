"""Report the tax of a period."""

from datetime import datetime, timedelta

from app.kernel.errors import Invalid
from app.modules.orders.domain.tax.report import ReportRow, refunded_rows
from app.modules.orders.ports import UnitOfWork

MAX_PERIOD = timedelta(days=400)


def report_tax(uow: UnitOfWork, since: datetime, until: datetime) -> list[ReportRow]:
    """Base and amount per jurisdiction, rate, reason and currency: of what was placed, then of what was refunded.

    Raises Invalid(bad_period).
    """
    if not timedelta() < until - since <= MAX_PERIOD:
        raise Invalid("bad_period", f"give a period that ends after it begins, of at most {MAX_PERIOD.days} days")
    return [*uow.tax_reports.placed(since, until), *refunded_rows(uow.tax_reports.refunds(since, until))]
