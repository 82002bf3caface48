"""Settings of tax: categories, where the shop collects it, and the rates."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import g, request
from marshmallow import fields, validate

from app.desk.forms import Form, Input, Sent, read, reason
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.desk.versions import VERSION, expected
from app.kernel.countries import COUNTRIES
from app.kernel.errors import Refused
from app.kernel.transaction import Transaction
from app.modules.orders.desk.percentages import percent_text, ppm_of
from app.modules.orders.desk.times import LIKE, TypedTime, time_text
from app.modules.orders.domain.tax.rules import STANDARD, Reason, Registration, TaxRate
from app.modules.orders.domain.tax.setting import Category
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_category import add_category, remove_category
from app.modules.orders.use_cases.tax.edit_rate import add_rate, end_rate
from app.modules.orders.use_cases.tax.edit_registration import add_registration, end_registration
from app.ops.caller import caller
from app.web.paging import id_after
from app.web.schemas import Slug, Text

OF_RATES = (
    (Reason.STANDARD_RATED, "standard rated"),
    (Reason.REDUCED_RATED, "reduced rated"),
    (Reason.ZERO_RATED, "zero rated"),
    (Reason.PRODUCT_EXEMPT, "exempt goods"),
    (Reason.EXPORT, "export"),
)
LETTERS = r"^[A-Za-z0-9 -]*\Z"
COUNTRY = fields.String(
    required=True,
    validate=validate.OneOf(sorted(COUNTRIES), error="Use the code of a country from ISO 3166-1, such as DE."),
)
ONE_COUNTRY = (Input("in_country", "Country", fields.String(load_default=None, validate=COUNTRY.validate)),)


def part_of_address(name: str, label: str, length: int, hint: str) -> Input:
    letters = validate.Regexp(LETTERS, error="Letters from A to Z, digits, blanks and dashes.")
    field = fields.String(load_default="", validate=[validate.Length(max=length), letters])
    return Input(name, label, field, hint=hint)


REGION = part_of_address("region", "Region", 3, "such as TX; empty: all of the country")
NEW_CATEGORY = Form(
    "new-tax-category",
    "Add a tax category",
    "The tax category was added.",
    (
        Input("slug", "Slug, which never changes", Slug(required=True), hint="lower-case letters, digits and dashes"),
        Input("name", "Name", Text(required=True)),
        reason(),
    ),
)
REMOVE_CATEGORY = Form("remove-tax-category", "Remove", "The tax category was removed.", danger=True)
NEW_REGISTRATION = Form(
    "new-tax-registration",
    "Collect tax somewhere",
    "The shop collects tax there.",
    (
        Input("country", "Country", COUNTRY, hint="such as DE"),
        REGION,
        Input("since", "Since", TypedTime(required=True), hint=LIKE),
        Input("until", "Until", TypedTime(load_default=None), hint="empty: it does not end"),
        reason(),
    ),
)
END_REGISTRATION = Form(
    "end-tax-registration",
    "Save the end",
    "The end was saved.",
    (Input("until", "Until", TypedTime(load_default=None), hint=f"{LIKE}; empty: it does not end"), reason(), VERSION),
)
NEW_RATE = Form(
    "new-tax-rate",
    "Add a rate",
    "The rate was added.",
    (
        Input("country", "Country", COUNTRY, hint="such as DE"),
        REGION,
        part_of_address("postal_prefix", "Postal codes that begin with", 20, "empty: all"),
        Input("category", "Tax category", Slug(load_default=STANDARD)),
        Input("name", "Name", Text(required=True, max_length=100), hint="such as VAT; different names add up"),
        Input("percent", "Percentage", Text(required=True, max_length=20), hint="such as 19 or 6.25"),
        Input(
            "tax_reason",
            "In a tax return it is",
            Text(
                load_default=str(Reason.STANDARD_RATED), validate=[validate.OneOf([str(each) for each, _ in OF_RATES])]
            ),
            "choice",
            tuple((str(each), label) for each, label in OF_RATES),
        ),
        Input("valid_from", "Valid from", TypedTime(required=True), hint=LIKE),
        Input("valid_until", "Valid until", TypedTime(load_default=None), hint="empty: it does not end"),
        reason(),
    ),
)
END_RATE = Form(
    "end-tax-rate",
    "Save the end",
    "The end was saved.",
    (
        Input("valid_until", "Valid until", TypedTime(load_default=None), hint=f"{LIKE}; empty: it does not end"),
        reason(),
        VERSION,
    ),
)


def add_tax(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    settings, rates = partial(settings_page, reading), partial(rates_page, reading)
    registration, rate = partial(registration_page, reading), partial(rate_page, reading)
    pages.page("/tax", "tax", settings)
    pages.page("/tax/registrations/<uuid:registration_id>", "tax-registration", registration)
    pages.page("/tax/rates", "tax-rates", rates)
    pages.page("/tax/rates/<uuid:rate_id>", "tax-rate", rate)
    pages.action("/tax/categories", NEW_CATEGORY, transaction, new_category, "tax", settings)
    pages.action("/tax/categories/<slug>/remove", REMOVE_CATEGORY, transaction, remove, "tax", lambda slug: settings())
    pages.action("/tax/registrations", NEW_REGISTRATION, transaction, new_registration, "tax", settings)
    pages.action(
        "/tax/registrations/<uuid:registration_id>",
        END_REGISTRATION,
        transaction,
        save_registration,
        "tax-registration",
        registration,
    )
    pages.action("/tax/rates", NEW_RATE, transaction, new_rate, "tax-rates", rates)
    pages.action("/tax/rates/<uuid:rate_id>", END_RATE, transaction, save_rate, "tax-rate", rate)


def settings_page(reading: Transaction[UnitOfWork]) -> str:
    with reading() as uow:
        categories, registrations, is_off = uow.tax.categories(), uow.tax.registrations(), uow.policies.tax.is_off
    return render(
        "orders/tax.html",
        categories=categories,
        registrations=registrations,
        is_off=is_off,
        standard=STANDARD,
        new_category=NEW_CATEGORY,
        remove=REMOVE_CATEGORY,
        new_registration=NEW_REGISTRATION,
    )


def registration_page(reading: Transaction[UnitOfWork], registration_id: UUID) -> str:
    with reading() as uow:
        found = uow.tax.registration(registration_id)
    values = {"until": time_text(found.until), "version": found.version}
    return render("orders/tax_registration.html", registration=found, form=END_REGISTRATION, values=values)


def rates_page(reading: Transaction[UnitOfWork]) -> str:
    found: Sequence[TaxRate] = ()
    country, start = None, id_after(request.args.get("cursor"))
    try:
        country = read(ONE_COUNTRY, request.args)["in_country"]
        with reading() as uow:
            found = uow.tax.rates(country, start, PER_PAGE + 1)
    except Refused as refused:
        g.refused, g.refused_at, g.refused_values = refused, request.path, request.args.to_dict()
    rates, following = paged(found, lambda rate: [str(rate.id)])
    return render(
        "orders/tax_rates.html",
        rates=[(each, percent_text(each.ppm)) for each in rates],
        next=following,
        inputs=ONE_COUNTRY,
        wanted={"in_country": country},
        form=NEW_RATE,
        values={"category": STANDARD},
    )


def rate_page(reading: Transaction[UnitOfWork], rate_id: UUID) -> str:
    with reading() as uow:
        rate = uow.tax.rate(rate_id)
    values = {"valid_until": time_text(rate.valid_until), "version": rate.version}
    return render("orders/tax_rate.html", rate=rate, percent=percent_text(rate.ppm), form=END_RATE, values=values)


def new_category(uow: UnitOfWork, sent: Sent) -> None:
    add_category(uow, Category(slug=sent.values["slug"], name=sent.values["name"]), caller(), sent.values["reason"])


def remove(uow: UnitOfWork, sent: Sent, slug: str) -> None:
    remove_category(uow, slug, caller(), "nothing names it")


def new_registration(uow: UnitOfWork, sent: Sent) -> None:
    given: dict[str, Any] = {name: sent.values[name] for name in ("country", "region", "since", "until")}
    add_registration(uow, Registration(id=sent.id, **given), caller(), sent.values["reason"])


def save_registration(uow: UnitOfWork, sent: Sent, registration_id: UUID) -> None:
    end_registration(uow, registration_id, sent.values["until"], expected(sent), caller(), sent.values["reason"])


def new_rate(uow: UnitOfWork, sent: Sent) -> None:
    names = ("country", "region", "postal_prefix", "category", "name", "valid_from", "valid_until")
    given: dict[str, Any] = {name: sent.values[name] for name in names}
    reason_, ppm = Reason(sent.values["tax_reason"]), ppm_of(sent.values["percent"])
    add_rate(uow, TaxRate(id=sent.id, ppm=ppm, reason=reason_, **given), caller(), sent.values["reason"])


def save_rate(uow: UnitOfWork, sent: Sent, rate_id: UUID) -> None:
    end_rate(uow, rate_id, sent.values["valid_until"], expected(sent), caller(), sent.values["reason"])
