"""Areas and rates as people type them, one on each line, so that a list of any length needs no script."""

import re

from app.desk.amounts import amount_of, typed
from app.kernel.countries import COUNTRIES
from app.kernel.errors import Invalid
from app.kernel.money import Money
from app.modules.orders.domain.shipping.shipping import MAX_BANDS, MAX_RATE, Method, Rate, RatedBy
from app.modules.orders.domain.shipping.zone import MAX_AREAS, Area, Zone

AREA = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?(?:\s+(?:([A-Z0-9 -]{1,20})\*|([0-9 -]{1,20})\.\.([0-9 -]{1,20})))?")
AREA_LIKE = "DE, US-CA, ES 35* or ES 35000..35999"
RATE = re.compile(r"([A-Z]{3})\s+(\S{1,20})\s+(\S{1,20})\s+(\S{1,20})")
RATE_LIKE = "EUR 0 50.00 4.90: currency, from, up to (- for without end), price"


def areas_of(text: str) -> tuple[Area, ...]:
    """Raises Invalid(bad_area), which says in which line."""
    lines = [line.strip() for line in text.upper().splitlines() if line.strip()]
    if len(lines) > MAX_AREAS:
        raise Invalid("bad_area", f"a zone has at most {MAX_AREAS} areas")
    return tuple(_area(number, line) for number, line in enumerate(lines, start=1))


def areas_text(zone: Zone) -> str:
    """The areas of a zone, as they are typed."""
    return "\n".join(_area_text(each) for each in zone.areas)


def rates_of(text: str, by: RatedBy) -> tuple[Rate, ...]:
    """Raises Invalid(bad_bands), which says in which line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_BANDS:
        raise Invalid("bad_bands", f"a method has at most {MAX_BANDS} bands")
    return tuple(_rate(number, line, by) for number, line in enumerate(lines, start=1))


def rates_text(method: Method) -> str:
    """The rates of a method, as they are typed."""

    def measure(value: int | None, currency: str) -> str:
        if value is None:
            return "-"
        return typed(Money(value, currency)) if method.rated_by is RatedBy.PRICE else str(value)

    return "\n".join(
        f"{each.currency} {measure(each.from_, each.currency)} {measure(each.below, each.currency)} "
        f"{typed(Money(each.amount, each.currency))}"
        for each in method.rates
    )


def _area(number: int, line: str) -> Area:
    found = AREA.fullmatch(line)
    if not found or found[1] not in COUNTRIES:
        raise Invalid("bad_area", f"line {number} is no area: write {AREA_LIKE}")
    country, region, prefix, first, last = (each or "" for each in found.groups())
    return Area(country=country, region=region, postal_prefix=prefix, postal_from=first, postal_to=last)


def _area_text(area: Area) -> str:
    codes = f" {area.postal_prefix}*" if area.postal_prefix else ""
    if area.postal_from:
        codes = f" {area.postal_from}..{area.postal_to}"
    return f"{area.country}{'-' * bool(area.region)}{area.region}{codes}"


def _rate(number: int, line: str, by: RatedBy) -> Rate:
    found = RATE.fullmatch(line)
    if not found:
        raise Invalid("bad_bands", f"line {number} is no rate: write {RATE_LIKE}")
    currency, first, below, price = found.groups()
    amount = amount_of(price, currency).amount
    if amount > MAX_RATE:
        raise Invalid("bad_bands", f"line {number}: at most {Money(MAX_RATE, currency)}")
    end = None if below == "-" else _measure(number, below, currency, by)
    return Rate(currency=currency, from_=_measure(number, first, currency, by), below=end, amount=amount)


def _measure(number: int, text: str, currency: str, by: RatedBy) -> int:
    if by is RatedBy.PRICE:
        return amount_of(text, currency).amount
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Invalid("bad_bands", f"line {number}: write weights as grams")
    return int(text)
