"""The report of tax, for staff."""

from dataclasses import dataclass
from typing import Any

from flask import Response
from flask.views import MethodView
from msgspec import Struct

from app.kernel.transaction import Transaction
from app.modules.orders.domain.tax.report import ReportRow, Side, report_as_csv
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.report_tax import report_tax
from app.web.auth import staff_only
from app.web.blueprint import Blueprint, answers, arguments
from app.web.operation import operation
from app.web.schemas import DateTimeField, Schema


class ReportPeriod(Schema):
    """Orders placed, and refunds made, from `from` up to but without `until`; at most 400 days."""

    from_ = DateTimeField(required=True, data_key="from", metadata={"example": "2026-10-01T00:00:00Z"})
    until = DateTimeField(required=True, metadata={"example": "2027-01-01T00:00:00Z"})


class TaxReportRow(Struct, frozen=True):
    """The sum of all tax lines of one rate and reason. `base`: without the tax. Amounts are in the smallest unit."""

    side: Side
    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    currency: str
    base: int
    amount: int


class TaxReport(Struct, frozen=True):
    """The tax of a period, in one page: of what was placed, then of what was refunded."""

    items: list[TaxReportRow]
    next: None = None


def tax_reports_blueprint(reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("reports", "/reports", "Reports, for staff")
    blp.add("/tax", OfTax, reading)
    blp.add("/tax/csv", OfTaxAsCsv, reading)
    return blp


@dataclass(frozen=True)
class OfTax(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(ReportPeriod(), location="query")
    @answers(200, TaxReport)
    @operation("report_tax", refusals={422: "bad_period"})
    def get(self, query: dict[str, Any]) -> TaxReport:
        """Get the tax of a period, by what was placed and by what was refunded"""
        with self.reading() as uow:
            return TaxReport([_view(row) for row in report_tax(uow, query["from_"], query["until"])])


@dataclass(frozen=True)
class OfTaxAsCsv(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(ReportPeriod(), location="query")
    @answers(200, description="The same rows and columns as text/csv, with a line of their names first.")
    @operation("report_tax_as_csv", refusals={422: "bad_period"})
    def get(self, query: dict[str, Any]) -> Response:
        """Get the tax of a period as a file for spreadsheets"""
        with self.reading() as uow:
            text = report_as_csv(report_tax(uow, query["from_"], query["until"]))
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="tax.csv"'})


def _view(row: ReportRow) -> TaxReportRow:
    box = row.box
    where = box.side, box.jurisdiction, box.name, box.ppm, box.reason, box.currency
    return TaxReportRow(*where, row.base, row.amount)
