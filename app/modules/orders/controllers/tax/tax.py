"""Routes for staff: what is taxed alike, where the shop collects tax, and the rates."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, url_for
from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.orders.controllers.tax import schemas, views
from app.modules.orders.controllers.tax.views import category_view, rate_view, registration_view
from app.modules.orders.domain.tax.rules import Reason, Registration, TaxRate
from app.modules.orders.domain.tax.setting import Category
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_category import add_category, remove_category
from app.modules.orders.use_cases.tax.edit_rate import add_rate, end_rate
from app.modules.orders.use_cases.tax.edit_registration import add_registration, end_registration
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import etag_of, expected, tagged
from app.web.idempotency import claim_key, same_answer
from app.web.operation import ETAG, IDEMPOTENCY_KEY, IF_MATCH, LOCATION, operation
from app.web.paging import id_after, page


def tax_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("tax", "/tax", "Tax categories, registrations and rates, for staff")
    blp.add("/categories", Categories, transaction, reading)
    blp.add("/categories/<slug>", OneCategory, transaction)
    blp.add("/registrations", Registrations, transaction, reading)
    blp.add("/registrations/<uuid:registration_id>", OneRegistration, transaction, reading)
    blp.add("/rates", Rates, transaction, reading)
    blp.add("/rates/<uuid:rate_id>", OneRate, transaction, reading)
    return blp


@dataclass(frozen=True)
class Categories(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.TaxCategoryList)
    @operation("list_tax_categories")
    def get(self) -> views.TaxCategoryList:
        """List the tax categories"""
        with self.reading() as uow:
            return views.TaxCategoryList([category_view(each) for each in uow.tax.categories()])

    @staff_only
    @arguments(schemas.NewTaxCategory())
    @answers(201, views.TaxCategory)
    @operation("create_tax_category", refusals={409: "tax_category_exists too_many_tax_categories"})
    def post(self, new: dict[str, Any]) -> views.TaxCategory:
        """Create a tax category. The reason is recorded in the trail of operations"""
        why = new.pop("reason")
        with self.transaction() as uow:
            return category_view(add_category(uow, Category(**new), caller(), why))


@dataclass(frozen=True)
class OneCategory(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @answers(204)
    @operation("delete_tax_category", refusals={404: "no_such_tax_category", 409: "tax_category_in_use"})
    def delete(self, slug: str) -> None:
        """Delete a tax category that nothing names"""
        with self.transaction() as uow:
            remove_category(uow, slug, caller(), "nothing names it")


@dataclass(frozen=True)
class Registrations(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.TaxRegistrationList)
    @operation("list_tax_registrations")
    def get(self) -> views.TaxRegistrationList:
        """List where the shop collects tax, or did"""
        with self.reading() as uow:
            return views.TaxRegistrationList([registration_view(each) for each in uow.tax.registrations()])

    @staff_only
    @arguments(schemas.NewTaxRegistration())
    @answers(201, views.TaxRegistration, ETAG | LOCATION)
    @operation(
        "create_tax_registration",
        IDEMPOTENCY_KEY,
        refusals={
            409: "already_registered tax_rates_needed too_many_tax_registrations",
            422: "bad_area bad_validity",
        },
    )
    def post(self, new: dict[str, Any]) -> Answer[views.TaxRegistration]:
        """Collect tax in a country or region. The reason is recorded in the trail of operations"""
        why = new.pop("reason")
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                before = uow.tax.registration(claim.resource_id)
                again = same_answer(claim, lambda: registration_view(before))
                return Answer(again.view, {**again.headers, **_registration_headers(before)})
            found = add_registration(uow, Registration(id=claim.resource_id, **new), caller(), why)
        return Answer(registration_view(found), _registration_headers(found))


@dataclass(frozen=True)
class OneRegistration(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.TaxRegistration, ETAG)
    @operation("get_tax_registration", refusals={404: "no_such_tax_registration"})
    def get(self, registration_id: UUID) -> Answer[views.TaxRegistration] | Response:
        """Get a tax registration"""
        with self.reading() as uow:
            found = uow.tax.registration(registration_id)
        return tagged(registration_view(found), found.version)

    @staff_only
    @arguments(schemas.ChangedTaxRegistration())
    @answers(200, views.TaxRegistration, ETAG)
    @operation(
        "update_tax_registration",
        IF_MATCH,
        refusals={404: "no_such_tax_registration", 409: "already_registered", 422: "bad_validity"},
    )
    def patch(self, body: dict[str, Any], registration_id: UUID) -> Answer[views.TaxRegistration] | Response:
        """End a tax registration. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            found = end_registration(uow, registration_id, body["until"], expected(), caller(), body["reason"])
        return tagged(registration_view(found), found.version)


@dataclass(frozen=True)
class Rates(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ListTaxRates(), location="query")
    @answers(200, views.TaxRatePage)
    @operation("list_tax_rates", refusals={422: "bad_cursor"})
    def get(self, query: dict[str, Any]) -> Answer[views.TaxRatePage]:
        """List the tax rates of a country or of all, also those that have ended"""
        start, limit = id_after(query["cursor"]), query["limit"]
        with self.reading() as uow:
            found = uow.tax.rates(query["country"], start, limit + 1)
        return page(found, limit, lambda rate: [str(rate.id)], _rate_page)

    @staff_only
    @arguments(schemas.NewTaxRate())
    @answers(201, views.TaxRate, ETAG | LOCATION)
    @operation(
        "create_tax_rate",
        IDEMPOTENCY_KEY,
        refusals={409: "tax_rate_overlaps too_many_tax_rates", 422: "bad_area bad_validity unknown_tax_category"},
    )
    def post(self, new: dict[str, Any]) -> Answer[views.TaxRate]:
        """Create a tax rate. The reason is recorded in the trail of operations"""
        why, reason = new.pop("reason"), Reason(new.pop("tax_reason"))
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                before = uow.tax.rate(claim.resource_id)
                again = same_answer(claim, lambda: rate_view(before))
                return Answer(again.view, {**again.headers, **_rate_headers(before)})
            rate = add_rate(uow, TaxRate(id=claim.resource_id, reason=reason, **new), caller(), why)
        return Answer(rate_view(rate), _rate_headers(rate))


@dataclass(frozen=True)
class OneRate(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.TaxRate, ETAG)
    @operation("get_tax_rate", refusals={404: "no_such_tax_rate"})
    def get(self, rate_id: UUID) -> Answer[views.TaxRate] | Response:
        """Get a tax rate"""
        with self.reading() as uow:
            rate = uow.tax.rate(rate_id)
        return tagged(rate_view(rate), rate.version)

    @staff_only
    @arguments(schemas.ChangedTaxRate())
    @answers(200, views.TaxRate, ETAG)
    @operation(
        "update_tax_rate",
        IF_MATCH,
        refusals={404: "no_such_tax_rate", 409: "tax_rate_overlaps", 422: "bad_validity"},
    )
    def patch(self, body: dict[str, Any], rate_id: UUID) -> Answer[views.TaxRate] | Response:
        """End a tax rate, or move its end. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            rate = end_rate(uow, rate_id, body["valid_until"], expected(), caller(), body["reason"])
        return tagged(rate_view(rate), rate.version)


def _registration_headers(found: Registration) -> dict[str, str]:
    location = url_for("tax.OneRegistration", registration_id=found.id)
    return {"ETag": f'"{etag_of(found.version)}"', "Location": location}


def _rate_headers(rate: TaxRate) -> dict[str, str]:
    return {"ETag": f'"{etag_of(rate.version)}"', "Location": url_for("tax.OneRate", rate_id=rate.id)}


def _rate_page(rates: list[TaxRate], following: str | None) -> views.TaxRatePage:
    return views.TaxRatePage([rate_view(each) for each in rates], following)
