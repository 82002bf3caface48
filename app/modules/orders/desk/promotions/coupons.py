"""The codes of a promotion, who used them, and what the promotion would give for a basket."""

from functools import partial
from typing import Any

from flask import g, request
from marshmallow import fields, validate

from app.desk.forms import Form, Input, Sent, read, reason
from app.desk.pages import render
from app.desk.paging import PER_PAGE, paged
from app.kernel.address import MAX_POSTAL_CODE_LENGTH, UNKNOWN_COUNTRY, normalized_codes
from app.kernel.countries import COUNTRIES
from app.kernel.errors import Invalid, Refused
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.orders.desk.promotions.texts import basket_of_text
from app.modules.orders.desk.times import TypedTime
from app.modules.orders.domain.carts.quote import Delivery, Quote
from app.modules.orders.domain.promotions.promotion import Promotion
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.promotions.edit_promotion import add_coupons
from app.modules.orders.use_cases.promotions.switch_coupon import switch_coupon
from app.modules.orders.use_cases.promotions.try_promotion import try_promotion
from app.ops.caller import caller
from app.web.paging import after
from app.web.schemas import QueryInteger, Slug, Text

MAX_LIMIT, MAX_AT_ONCE = 10**9, 10_000
SHOWN_ORDERS = 20  # of one code
CODES = Text(max_length=60_000, min_length=0, lines=True, load_default="")
MAKE = Form(
    "make-coupons",
    "Make codes",
    "The codes were made.",
    (
        Input("count", "How many to make", QueryInteger(1, MAX_AT_ONCE, load_default=None), "number"),
        Input("codes", "Or these codes", CODES, "lines", hint="one on each line: 4 to 40 letters and digits"),
        Input(
            "use_limit",
            "Orders with each code",
            QueryInteger(1, MAX_LIMIT, load_default=None),
            "number",
            hint="empty: any number",
        ),
        reason(),
    ),
)
OFF = Form("coupon-off", "Switch off", "The code gives nothing any more.", (reason(),), danger=True)
ON = Form("coupon-on", "Switch on", "The code can be used again.", (reason(),))
TRY = (
    Input("items", "Goods, as MUG 2", Text(max_length=8_000, lines=True, load_default=None), "lines"),
    Input(
        "country",
        "Country, as DE",
        fields.String(load_default=None, validate=validate.OneOf(sorted(COUNTRIES), error=UNKNOWN_COUNTRY)),
    ),
    Input("region", "Region", Text(load_default="")),
    Input("postal_code", "Postal code", Text(max_length=MAX_POSTAL_CODE_LENGTH, load_default="")),
    Input("method", "Shipping method", Slug(load_default=None)),
    Input("at", "When, if not now", TypedTime(load_default=None)),
)


def coupons_page(reading: Transaction[UnitOfWork], promotion_id: str, code: str | None = None) -> str:
    """`code`: of the form that was refused, if one was."""
    start = after(request.args.get("cursor"), str) or [""]
    with reading() as uow:
        promotion = uow.promotions.get(promotion_id)
        found = uow.promotions.coupons(promotion_id, start[0], PER_PAGE + 1)
    coupons, following = paged(found, lambda each: [each.code])
    return render(
        "orders/coupons.html",
        promotion=promotion,
        coupons=coupons,
        next=following,
        form=MAKE,
        switch={True: OFF, False: ON},
        shown_orders=SHOWN_ORDERS,
    )


def make(uow: UnitOfWork, sent: Sent, promotion_id: str) -> None:
    """Raises Invalid(invalid_form), and what add_coupons raises."""
    given = sent.values
    codes = [line.strip() for line in (given["codes"] or "").splitlines() if line.strip()]
    if (given["count"] is None) == (not codes) or len(codes) > MAX_AT_ONCE:
        raise Invalid("invalid_form", f"give either how many codes to make or codes, at most {MAX_AT_ONCE}")
    wanted = codes or given["count"]
    add_coupons(uow, promotion_id, wanted, given["use_limit"], caller(), given["reason"])


def switch(uow: UnitOfWork, sent: Sent, promotion_id: str, code: str, *, active: bool) -> None:
    """Raises what switch_coupon raises."""
    switch_coupon(uow, promotion_id, code, active, caller(), sent.values["reason"])


def try_page(reading: Transaction[UnitOfWork], promotion_id: str) -> str:
    """What the promotion alone would give for what the address names. Nothing is stored."""
    with reading() as uow:
        promotion = uow.promotions.get(promotion_id)
    show = partial(render, "orders/try.html", promotion=promotion, inputs=TRY)
    try:
        wanted = read(TRY, request.args)
        if not wanted["items"]:
            return show(wanted={}, quote=None)
        quote = _tried(reading, promotion, wanted)
    except Refused as refused:
        g.refused, g.refused_at, g.refused_values = refused, request.path, request.args.to_dict()
        return show(wanted={}, quote=None)
    currency = quote.priced.totals.items.currency
    (code,) = quote.priced.codes
    shares = [(each, Money(each.amount, currency)) for each in quote.priced.discounts]
    return show(wanted=request.args, quote=quote, totals=quote.priced.totals, shares=shares, why=code.reason)


def _tried(reading: Transaction[UnitOfWork], promotion: Promotion, wanted: dict[str, Any]) -> Quote:
    destination = None
    if wanted["country"]:
        region, postal_code = normalized_codes(wanted["country"], wanted["region"], wanted["postal_code"])
        destination = Destination(country=wanted["country"], region=region, postal_code=postal_code)
    delivery = Delivery(destination=destination, method=wanted["method"])
    with reading() as uow:
        return try_promotion(uow, promotion.id, basket_of_text(wanted["items"]), delivery, wanted["at"])
