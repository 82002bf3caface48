"""The tax of a period, as a page and as a file for spreadsheets."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Response, g, request, url_for
from marshmallow import fields

from app.desk.forms import Input, read
from app.desk.pages import Pages, render
from app.kernel import clock
from app.kernel.errors import Refused
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.orders.desk.percentages import percent_text
from app.modules.orders.desk.times import midnight
from app.modules.orders.domain.tax.report import ReportRow, report_as_csv
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.report_tax import report_tax

PERIOD = (
    Input("since", "From", fields.Date(load_default=None), "date"),
    Input("until", "Until", fields.Date(load_default=None), "date"),
)


def add_tax_report(pages: Pages, reading: Transaction[UnitOfWork]) -> None:
    pages.page("/tax/report", "tax-report", partial(report_page, reading))
    pages.page("/tax/report/csv", "tax-report-csv", partial(report_file, reading))


def report_page(reading: Transaction[UnitOfWork]) -> str:
    """Without a period: of the month so far."""
    rows: Sequence[ReportRow] = ()
    wanted, file = _period({}), ""
    try:
        wanted = _period(read(PERIOD, request.args))
        rows = _rows(reading, wanted)
        file = url_for(".tax-report-csv", **{name: value.isoformat() for name, value in wanted.items()})
    except Refused as refused:
        g.refused, g.refused_at, g.refused_values = refused, request.path, request.args.to_dict()
    shown = [
        (row.box, percent_text(row.box.ppm), Money(row.base, row.box.currency), Money(row.amount, row.box.currency))
        for row in rows
    ]
    return render("orders/tax_report.html", rows=shown, inputs=PERIOD, wanted=wanted, file=file)


def report_file(reading: Transaction[UnitOfWork]) -> Response:
    text = report_as_csv(_rows(reading, _period(read(PERIOD, request.args))))
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="tax.csv"'})


def _period(given: Mapping[str, Any]) -> dict[str, Any]:
    today = clock.now().date()
    return {"since": today.replace(day=1), "until": today} | {name: value for name, value in given.items() if value}


def _rows(reading: Transaction[UnitOfWork], period: Mapping[str, Any]) -> Sequence[ReportRow]:
    since, until = midnight(period["since"]), midnight(period["until"], days=1)
    assert since and until, "both days are given"
    with reading() as uow:
        return report_tax(uow, since, until)
