"""Amounts, goods and baskets of promotions, as people type them, one on each line."""

import re
from collections.abc import Callable
from uuid import UUID

from marshmallow import ValidationError

from app.desk.amounts import amount_of, typed
from app.kernel.countries import COUNTRIES
from app.kernel.errors import Invalid
from app.kernel.money import MAX_AMOUNT, Money
from app.modules.orders.domain.carts.basket import RequestedItem, basket_of
from app.modules.orders.domain.promotions.promotion import Amounts, Target
from app.web.schemas import Sku, Slug

AMOUNT = re.compile(r"([A-Z]{3})\s+(\S{1,20})")
AMOUNT_LIKE = "EUR 10.00, one currency on each line"
TARGET_LIKE = "sku MUG, product and its id, or category mugs, one on each line; empty: all goods"
BASKET_LIKE = "MUG 2: SKU and units, one on each line"
MAX_TARGETS, MAX_CURRENCIES, MAX_ITEMS, MAX_UNITS = 500, 50, 100, 1000


def amounts_of(text: str | None) -> dict[str, int]:
    """Amounts by currency. Raises Invalid(bad_promotion, bad_amount)."""
    amounts: dict[str, int] = {}
    for number, line in _lines(text, MAX_CURRENCIES, "amounts"):
        found = AMOUNT.fullmatch(line)
        if not found or found[1] in amounts:
            raise _bad(number, f"write {AMOUNT_LIKE}")
        amount = amount_of(found[2], found[1]).amount
        if not 0 < amount <= MAX_AMOUNT:
            raise _bad(number, f"an amount is above zero, and at most {Money(MAX_AMOUNT, found[1])}")
        amounts[found[1]] = amount
    return amounts


def amounts_text(amounts: Amounts) -> str:
    return "\n".join(f"{currency} {typed(Money(amount, currency))}" for currency, amount in sorted(amounts.items()))


def target_of(text: str | None) -> Target:
    """Raises Invalid(bad_promotion)."""
    found: dict[str, set[str]] = {"sku": set(), "product": set(), "category": set()}
    reads: dict[str, Callable[[str], object]] = {"sku": Sku().deserialize, "product": UUID}
    for number, line in _lines(text, MAX_TARGETS, "lines"):
        kind, _, name = line.partition(" ")
        try:
            found[kind.lower()].add(str(reads.get(kind.lower(), Slug().deserialize)(name.strip())))
        except (KeyError, ValueError, ValidationError):
            raise _bad(number, f"write {TARGET_LIKE}") from None
    names = {"sku": "skus", "product": "products", "category": "categories"}
    return Target(**{names[kind]: frozenset(each) for kind, each in found.items()})


def target_text(target: Target) -> str:
    kinds = (("sku", target.skus), ("product", target.products), ("category", target.categories))
    return "\n".join(f"{kind} {name}" for kind, names in kinds for name in sorted(names))


def countries_of(text: str | None) -> tuple[str, ...]:
    """Raises Invalid(bad_promotion)."""
    codes = re.split(r"[\s,;]+", (text or "").strip().upper()) if text else []
    for code in codes:
        if code not in COUNTRIES:
            raise Invalid("bad_promotion", f"{code[:20]} is no country: write codes such as DE, AT")
    return tuple(sorted(set(codes)))


def basket_of_text(text: str) -> dict[str, RequestedItem]:
    """Raises Invalid(invalid_form, too_many)."""
    items = []
    for number, line in _lines(text, MAX_ITEMS, "items"):
        sku, _, units = line.rpartition(" ")
        if not (sku and units.isascii() and units.isdigit() and len(units) <= 4 and 0 < int(units) <= MAX_UNITS):
            raise Invalid("invalid_form", f"line {number}: write {BASKET_LIKE}")
        try:
            items.append((str(Sku().deserialize(sku.strip())), int(units), 0))
        except ValidationError:
            raise Invalid("invalid_form", f"line {number}: this is no SKU") from None
    return basket_of(items)


def _lines(text: str | None, limit: int, what: str) -> list[tuple[int, str]]:
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    if len(lines) > limit:
        raise Invalid("bad_promotion", f"give at most {limit} {what}")
    return list(enumerate(lines, start=1))


def _bad(number: int, sentence: str) -> Invalid:
    return Invalid("bad_promotion", f"line {number}: {sentence}")
