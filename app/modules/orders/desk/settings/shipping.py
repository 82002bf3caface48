"""Settings of shipping: the zones that the shop ships to, its methods, and their rates."""

from functools import partial
from typing import Any

from marshmallow import fields, validate

from app.desk.forms import Form, Input, Sent, reason
from app.desk.pages import Pages, render
from app.desk.versions import VERSION, expected
from app.kernel.transaction import Transaction
from app.modules.orders.desk.settings.shipping_texts import (
    AREA_LIKE,
    RATE_LIKE,
    areas_of,
    areas_text,
    rates_of,
    rates_text,
)
from app.modules.orders.domain.shipping.shipping import MAX_DAYS, Method, RatedBy
from app.modules.orders.domain.shipping.zone import Zone
from app.modules.orders.domain.tax.rules import PROPORTIONAL
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipping.edit_method import add_method, change_method, replace_rates
from app.modules.orders.use_cases.shipping.edit_zone import add_zone, change_zone
from app.ops.caller import caller
from app.web.schemas import QueryInteger, Slug, Text

URL = r"^(https://[A-Za-z0-9._~:/?#@!$&()*+,;=%{}-]{1,490})?\Z"
LINES = Text(max_length=30_000, min_length=0, lines=True, load_default="")
ID = Input("id", "Id, which never changes", Slug(required=True), hint="lower-case letters, digits and dashes")
ZONE = (
    Input("name", "Name", Text(required=True)),
    Input("priority", "Priority", QueryInteger(maximum=1000, load_default=0), "number"),
    Input("areas", "Areas, one on each line", LINES, "lines", hint=AREA_LIKE),
    reason(),
)
DAYS = QueryInteger(maximum=MAX_DAYS, load_default=0)
METHOD = (
    Input("name", "Name", Text(required=True)),
    Input("zone_id", "Zone", Slug(load_default=None), hint="empty: the customer collects the goods"),
    Input("carrier", "Carrier", Text(max_length=100, min_length=0, load_default="")),
    Input(
        "tracking_url",
        "Address to follow a parcel at",
        fields.String(load_default="", validate=[validate.Regexp(URL, error="An https:// URL in ASCII.")]),
        hint="{number} stands for the tracking number",
    ),
    Input("min_days", "Days, from", DAYS, "number"),
    Input("max_days", "Days, up to", DAYS, "number"),
    Input(
        "tax_category",
        "Tax category of its price",
        Slug(load_default=None),
        hint=f"{PROPORTIONAL}: taxed as the goods are",
    ),
    reason(),
)
CODE = Input("code", "Code, which never changes", Slug(required=True), hint="lower-case letters, digits and dashes")
ACTIVE = Input("active", "Offered to customers", fields.Boolean(), "flag")
BY = Input(
    "by",
    "Bands of",
    Text(required=True, validate=[validate.OneOf(list(RatedBy))]),
    "choice",
    (("price", "the price of the goods"), ("weight", "their weight in grams")),
)
NEW_ZONE = Form("new-zone", "Add a zone", "The zone was added.", (ID, *ZONE))
CHANGE_ZONE = Form("change-zone", "Save the zone", "The zone was saved.", (*ZONE, VERSION))
NEW_METHOD = Form("new-method", "Add a method", "The method was added; give it rates.", (CODE, *METHOD))
CHANGE_METHOD = Form("change-method", "Save the method", "The method was saved.", (*METHOD, ACTIVE, VERSION))
RATES = Form(
    "rates",
    "Replace the rates",
    "The rates were replaced.",
    (BY, Input("rates", "Rates, one on each line", LINES, "lines", hint=RATE_LIKE), reason(), VERSION),
)


def add_shipping(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    all_of_it, zone, method = (
        partial(shipping_page, reading),
        partial(zone_page, reading),
        partial(method_page, reading),
    )
    pages.page("/shipping", "shipping", all_of_it)
    pages.page("/shipping/zones/<zone_id>", "zone", zone)
    pages.page("/shipping/methods/<code>", "method", method)
    pages.action("/shipping/zones", NEW_ZONE, transaction, new_zone, "shipping", all_of_it)
    pages.action("/shipping/methods", NEW_METHOD, transaction, new_method, "shipping", all_of_it)
    pages.action("/shipping/zones/<zone_id>", CHANGE_ZONE, transaction, save_zone, "zone", zone)
    pages.action("/shipping/methods/<code>", CHANGE_METHOD, transaction, save_method, "method", method)
    pages.action("/shipping/methods/<code>/rates", RATES, transaction, save_rates, "method", method)


def shipping_page(reading: Transaction[UnitOfWork]) -> str:
    with reading() as uow:
        zones, methods = uow.shipping.zones(), uow.shipping.methods()
    return render(
        "orders/shipping.html",
        zones=zones,
        methods=methods,
        texts={zone.id: areas_text(zone) for zone in zones},
        new_zone=NEW_ZONE,
        new_method=NEW_METHOD,
    )


def zone_page(reading: Transaction[UnitOfWork], zone_id: str) -> str:
    with reading() as uow:
        zone = uow.shipping.zone(zone_id)
    values = {**vars(zone), "areas": areas_text(zone)}
    return render("orders/zone.html", zone=zone, form=CHANGE_ZONE, values=values)


def method_page(reading: Transaction[UnitOfWork], code: str) -> str:
    with reading() as uow:
        method = uow.shipping.method(code)
    values = {**vars(method), "by": method.rated_by, "rates": rates_text(method)}
    return render("orders/method.html", method=method, form=CHANGE_METHOD, rates=RATES, values=values)


def new_zone(uow: UnitOfWork, sent: Sent) -> None:
    changes, why = _zone(sent)
    add_zone(uow, Zone(id=sent.values["id"], **changes), caller(), why)


def save_zone(uow: UnitOfWork, sent: Sent, zone_id: str) -> None:
    changes, why = _zone(sent)
    change_zone(uow, zone_id, changes, expected(sent), caller(), why)


def new_method(uow: UnitOfWork, sent: Sent) -> None:
    changes, why = _method(sent)
    add_method(uow, Method(code=sent.values["code"], **changes), caller(), why)


def save_method(uow: UnitOfWork, sent: Sent, code: str) -> None:
    changes, why = _method(sent)
    change_method(uow, code, {**changes, "active": sent.values["active"]}, expected(sent), caller(), why)


def save_rates(uow: UnitOfWork, sent: Sent, code: str) -> None:
    by = RatedBy(sent.values["by"])
    rates = rates_of(sent.values["rates"] or "", by)
    replace_rates(uow, code, by, rates, expected(sent), caller(), sent.values["reason"])


def _zone(sent: Sent) -> tuple[dict[str, Any], str]:
    given = sent.values
    areas = areas_of(given["areas"] or "")
    return {"name": given["name"], "priority": given["priority"] or 0, "areas": areas}, given["reason"]


def _method(sent: Sent) -> tuple[dict[str, Any], str]:
    names = ("name", "zone_id", "carrier", "tracking_url", "min_days", "max_days", "tax_category")
    given = {name: sent.values[name] for name in names}
    if given["tax_category"] is None:  # left empty: as it is, or standard
        del given["tax_category"]
    return given, sent.values["reason"]
