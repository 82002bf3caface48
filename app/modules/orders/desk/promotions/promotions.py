"""Promotions: the list, one of them, and what is changed about it."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import request
from marshmallow import fields, validate

from app.desk.forms import Form, Input, Sent, reason, together
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.desk.versions import VERSION, expected
from app.kernel.transaction import Transaction
from app.modules.orders.desk.percentages import percent_text, ppm_of
from app.modules.orders.desk.promotions.coupons import MAKE, MAX_LIMIT, OFF, ON, coupons_page, make, switch, try_page
from app.modules.orders.desk.promotions.texts import (
    AMOUNT_LIKE,
    TARGET_LIKE,
    amounts_of,
    amounts_text,
    countries_of,
    target_of,
    target_text,
)
from app.modules.orders.desk.times import LIKE, TypedTime, time_text
from app.modules.orders.domain.promotions.promotion import Combines, Kind, Promotion
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.promotions.edit_promotion import add_promotion, change_promotion
from app.ops.caller import caller
from app.web.paging import after
from app.web.schemas import QueryInteger, Slug, Text

KINDS = (
    (Kind.PERCENT, "a percentage of the goods"),
    (Kind.FIXED_EACH, "an amount of each unit"),
    (Kind.FIXED_ONCE, "an amount of all goods together"),
    (Kind.BUY_GET, "buy some units, get others for less"),
    (Kind.FREE_SHIPPING, "free shipping"),
    (Kind.PERCENT_SHIPPING, "a percentage of the shipping"),
)
STACKS = ((Combines.STACK, "with others that may"), (Combines.ALONE, "alone"))
LINES = Text(max_length=60_000, min_length=0, lines=True, load_default="")
UNITS = QueryInteger(maximum=1000, load_default=0)
LIMIT = QueryInteger(minimum=1, maximum=MAX_LIMIT, load_default=None)
WHEN, WHAT = "What it is called, and when it is in force", "What it takes off"
WHOSE, OFTEN = "For which orders", "How often, and beside which others"
KIND = Input(
    "kind",
    "What it takes off",
    Text(required=True, validate=[validate.OneOf(list(Kind))]),
    "choice",
    tuple((str(kind), label) for kind, label in KINDS),
)
COMBINES = Input(
    "combines",
    "Applies",
    Text(load_default=str(Combines.STACK), validate=[validate.OneOf(list(Combines))]),
    "choice",
    tuple((str(each), label) for each, label in STACKS),
)
IDENTITY = together(
    WHEN,
    Input("id", "Id, which never changes", Slug(required=True), hint="lower-case letters, digits and dashes"),
    KIND,
    Input("automatic", "Without a code", fields.Boolean(), "flag"),
)
FIELDS = (
    *together(
        WHEN,
        Input("name", "Name, which customers see", Text(required=True)),
        Input("active", "In force between its start and its end", fields.Boolean(), "flag"),
        Input("starts_at", "Starts", TypedTime(required=True), hint=LIKE),
        Input("ends_at", "Ends", TypedTime(load_default=None), hint="empty: it does not"),
    ),
    *together(
        WHAT,
        Input("percent", "Percentage", Text(max_length=20, load_default=None), hint="such as 25 or 12.5"),
        Input("value", "Amount", LINES, "lines", hint=AMOUNT_LIKE),
        Input("target", "Of which goods", LINES, "lines", hint=TARGET_LIKE),
        Input("buy", "Goods to buy, to get others for less", LINES, "lines", hint=TARGET_LIKE),
        Input("buy_quantity", "Units to buy", UNITS, "number"),
        Input("get_quantity", "Units to get for less", UNITS, "number"),
        Input("max_discount", "At most, in one order", LINES, "lines", hint=AMOUNT_LIKE),
    ),
    *together(
        WHOSE,
        Input("min_items", "For goods of at least", LINES, "lines", hint=AMOUNT_LIKE),
        Input("min_quantity", "For at least so many units", UNITS, "number"),
        Input("ship_to", "Countries", Text(max_length=2000, load_default=None), hint="such as DE, AT; empty: all"),
        Input("first_order", "Only for a first order", fields.Boolean(), "flag"),
    ),
    *together(
        OFTEN,
        Input("total_limit", "Orders in all", LIMIT, "number", hint="empty: any number; not added or removed later"),
        Input("per_customer_limit", "Orders of one customer", LIMIT, "number", hint="empty: any number"),
        Input("priority", "Priority", QueryInteger(maximum=1000, load_default=0), "number"),
        COMBINES,
    ),
    reason(),
)
NEW = Form("new-promotion", "Add a promotion", "The promotion was added.", (*IDENTITY, *FIELDS))
CHANGE = Form("change-promotion", "Save the promotion", "The promotion was saved.", (*FIELDS, VERSION))
END = Form("end-promotion", "End it now", "The promotion gives nothing any more.", (reason(), VERSION), danger=True)


def add_promotions(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    every, one = partial(promotions_page, reading), partial(promotion_page, reading)
    coupons = partial(coupons_page, reading)
    at = "/promotions/<promotion_id>"
    pages.page("/promotions", "promotions", every)
    pages.page(at, "promotion", one)
    pages.page(f"{at}/coupons", "coupons", coupons)
    pages.page(f"{at}/try", "try-promotion", partial(try_page, reading))
    pages.action("/promotions", NEW, transaction, new_promotion, "promotions", every)
    pages.action(at, CHANGE, transaction, save_promotion, "promotion", one)
    pages.action(f"{at}/end", END, transaction, end_promotion, "promotion", one)
    pages.action(f"{at}/coupons", MAKE, transaction, make, "coupons", coupons)
    for form, active in ((OFF, False), (ON, True)):
        way = f"{at}/coupons/<code>/{'on' if active else 'off'}"
        pages.action(way, form, transaction, partial(switch, active=active), "coupons", coupons)


def promotions_page(reading: Transaction[UnitOfWork]) -> str:
    start = after(request.args.get("cursor"), str) or [""]
    with reading() as uow:
        found, now = uow.promotions.after(start[0], PER_PAGE + 1), uow.now
    promotions, following = paged(found, lambda each: [each.id])
    return render(
        "orders/promotions.html",
        promotions=[(each, state_of(each, now)) for each in promotions],
        kinds=dict(KINDS),
        next=following,
        form=NEW,
        values={"starts_at": time_text(now.replace(second=0, microsecond=0))},
    )


def promotion_page(reading: Transaction[UnitOfWork], promotion_id: str) -> str:
    with reading() as uow:
        promotion, now = uow.promotions.get(promotion_id), uow.now
    return render(
        "orders/promotion.html",
        promotion=promotion,
        state=state_of(promotion, now),
        kinds=dict(KINDS),
        form=replace(CHANGE, inputs=_inputs_of(promotion.kind)),
        end=END,
        values=_values(promotion),
    )


def _inputs_of(kind: Kind) -> tuple[Input, ...]:
    """Without those that a promotion of this kind must leave empty: what is not sent is empty."""
    out = set() if kind is Kind.BUY_GET else {"buy", "buy_quantity", "get_quantity"}
    out |= set() if kind in {Kind.FIXED_EACH, Kind.FIXED_ONCE} else {"value"}
    out |= set() if kind in {Kind.PERCENT, Kind.PERCENT_SHIPPING, Kind.BUY_GET} else {"percent"}
    return tuple(each for each in CHANGE.inputs if each.name not in out)


def state_of(promotion: Promotion, now: Any) -> str:
    """Whether it gives anything now."""
    if not promotion.active:
        return "off"
    if now < promotion.starts_at:
        return "not yet"
    if promotion.ends_at is not None and now >= promotion.ends_at:
        return "over"
    if promotion.total_limit is not None and promotion.used >= promotion.total_limit:
        return "used up"
    return "active"


def new_promotion(uow: UnitOfWork, sent: Sent) -> None:
    given = sent.values
    own = {"id": given["id"], "kind": Kind(given["kind"]), "automatic": given["automatic"]}
    add_promotion(uow, {**own, **_changes(sent)}, caller(), given["reason"])


def save_promotion(uow: UnitOfWork, sent: Sent, promotion_id: str) -> None:
    change_promotion(uow, promotion_id, _changes(sent), expected(sent), caller(), sent.values["reason"])


def end_promotion(uow: UnitOfWork, sent: Sent, promotion_id: str) -> None:
    change_promotion(uow, promotion_id, {"active": False}, expected(sent), caller(), sent.values["reason"])


def _changes(sent: Sent) -> dict[str, Any]:
    """Raises Invalid(bad_promotion, bad_amount)."""
    given = sent.values
    same = ("name", "active", "starts_at", "ends_at", "buy_quantity", "get_quantity", "min_quantity", "first_order")
    limits = ("total_limit", "per_customer_limit", "priority")
    return {
        **{name: given[name] for name in (*same, *limits)},
        "ppm": ppm_of(given["percent"]),
        **{name: amounts_of(given[name]) for name in ("value", "min_items", "max_discount")},
        **{name: target_of(given[name]) for name in ("target", "buy")},
        "ship_to": countries_of(given["ship_to"]),
        "combines": Combines(given["combines"]),
    }


def _values(promotion: Promotion) -> dict[str, Any]:
    """What the form shows of it."""
    rule = promotion.rule
    return {
        **vars(rule),
        **vars(promotion),
        "starts_at": time_text(promotion.starts_at),
        "ends_at": time_text(promotion.ends_at),
        "percent": percent_text(rule.ppm) if rule.ppm else "",
        **{name: amounts_text(getattr(rule, name)) for name in ("value", "min_items", "max_discount")},
        **{name: target_text(getattr(rule, name)) for name in ("target", "buy")},
        "ship_to": ", ".join(rule.ship_to),
    }
