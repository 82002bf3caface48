"""The response bodies of shipping."""

from dataclasses import asdict

from msgspec import Struct
from msgspec import field as named

from app.modules.orders.domain.shipping import shipping, zone


class Area(Struct, frozen=True):
    """A country, or a part of it. What is empty does not restrict it."""

    country: str
    region: str
    postal_prefix: str
    postal_from: str
    postal_to: str


class Zone(Struct, frozen=True):
    """Areas with the same shipping methods."""

    id: str
    name: str
    priority: int
    areas: list[Area]
    version: int


class ListedZone(Struct, frozen=True):
    """A zone with the number of its areas."""

    id: str
    name: str
    priority: int
    areas: int
    version: int


class ZoneList(Struct, frozen=True):
    """All zones, in one page, by id."""

    items: list[ListedZone]
    next: None = None


class ShippingMethod(Struct, frozen=True):
    """A way to ship within a zone. `zone_id` null: the customer collects the goods, and no address is needed."""

    code: str
    name: str
    zone_id: str | None
    carrier: str
    tracking_url: str
    min_days: int
    max_days: int
    active: bool
    tax_category: str
    version: int


class ShippingMethodList(Struct, frozen=True):
    """All shipping methods, in one page, by code."""

    items: list[ShippingMethod]
    next: None = None


class ShippingRateBand(Struct, frozen=True):
    """One band, from `from` up to but without `below` (null: without end), and what shipping costs in it."""

    currency: str
    below: int | None
    amount: int
    from_: int = named(name="from")


class ShippingRates(Struct, frozen=True):
    """All rates of a method. `by`: whether bands measure the price of the goods or their weight in grams."""

    method: str
    by: shipping.RatedBy
    rates: list[ShippingRateBand]
    version: int


def zone_view(found: zone.Zone) -> Zone:
    areas = [Area(**asdict(area)) for area in found.areas]
    return Zone(found.id, found.name, found.priority, areas, found.version)


def zone_list(found: list[zone.Zone]) -> ZoneList:
    return ZoneList([ListedZone(each.id, each.name, each.priority, len(each.areas), each.version) for each in found])


def method_view(method: shipping.Method) -> ShippingMethod:
    return ShippingMethod(
        code=method.code,
        name=method.name,
        zone_id=method.zone_id,
        carrier=method.carrier,
        tracking_url=method.tracking_url,
        min_days=method.min_days,
        max_days=method.max_days,
        active=method.active,
        tax_category=method.tax_category,
        version=method.version,
    )


def rates_view(method: shipping.Method) -> ShippingRates:
    bands = [ShippingRateBand(**asdict(rate)) for rate in method.rates]
    return ShippingRates(method.code, method.rated_by, bands, method.version)
