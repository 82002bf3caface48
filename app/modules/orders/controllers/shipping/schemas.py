"""The request bodies of shipping."""

from typing import Any, ClassVar

from marshmallow import fields, post_load, validate

from app.kernel.countries import COUNTRIES
from app.kernel.money import MAX_AMOUNT
from app.modules.orders.domain.shipping import shipping, zone
from app.ops.bodies import OperationReason
from app.web.schemas import Flag, Integer, Schema, Slug, Text

URL = r"^(https://[A-Za-z0-9._~:/?#@!$&()*+,;=%{}-]{1,490})?\Z"  # may be empty
MAX_PRIORITY = 1000


class Code(fields.String):
    """A part of an address: letters from A to Z, digits, blanks and dashes; empty for any."""

    def __init__(self, maximum: int, **kwargs: Any) -> None:
        letters = validate.Regexp(r"^[A-Za-z0-9 -]*\Z", error="Letters from A to Z, digits, blanks and dashes.")
        super().__init__(load_default="", validate=[validate.Length(max=maximum), letters], **kwargs)


class ZoneArea(Schema):
    """A country, or a part of it: a region, postal codes that begin with a prefix, or a range of numeric ones.

    `region`: its code of ISO 3166-2 without the country, in AU, BR, CA, IN, MX and US.
    """

    example: ClassVar = {"country": "ES", "postal_from": "35000", "postal_to": "35999"}

    country = fields.String(required=True, validate=validate.OneOf(sorted(COUNTRIES)), metadata={"example": "ES"})
    region = Code(3)
    postal_prefix = Code(20)
    postal_from = Code(20)
    postal_to = Code(20)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> zone.Area:
        return zone.Area(**values)


class Areas(fields.List[zone.Area]):
    """The areas of a zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Nested(ZoneArea), validate=validate.Length(max=zone.MAX_AREAS), **kwargs)

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class NewZone(OperationReason):
    """A new zone; its id can never be changed. Of two equally specific areas, the zone of higher `priority` counts."""

    example: ClassVar = {
        "id": "canary-islands",
        "name": "Canary Islands",
        "areas": [{"country": "ES", "postal_prefix": "35"}, {"country": "ES", "postal_prefix": "38"}],
        "reason": "we ship there from December",
    }

    id = Slug(required=True)
    name = Text(required=True)
    priority = Integer(maximum=MAX_PRIORITY, load_default=0)
    areas = Areas(load_default=tuple)


class ChangedZone(OperationReason):
    """The fields of a zone to change; `areas` replaces all of them."""

    example: ClassVar = {"areas": [{"country": "DE"}, {"country": "AT"}], "reason": "we ship to Austria now"}

    name = Text()
    priority = Integer(maximum=MAX_PRIORITY)
    areas = Areas()


class NewShippingMethod(OperationReason):
    """A new shipping method, which is inactive until it has rates. `zone_id` null: the customer collects the goods.

    `tracking_url`: where a parcel can be followed; {number} stands for its tracking number.
    `tax_category`: of its price; proportional: its price is taxed as the goods are.
    """

    example: ClassVar = {
        "code": "standard",
        "name": "Standard",
        "zone_id": "germany",
        "carrier": "DHL",
        "tracking_url": "https://www.dhl.de/track?id={number}",
        "min_days": 1,
        "max_days": 3,
        "reason": "a new carrier",
    }

    code = Slug(required=True)
    name = Text(required=True)
    zone_id = Slug(required=True, allow_none=True)
    carrier = Text(max_length=100, min_length=0, load_default="")
    tracking_url = fields.String(
        load_default="", validate=[validate.Length(max=500), validate.Regexp(URL, error="An https:// URL in ASCII.")]
    )
    min_days = Integer(maximum=shipping.MAX_DAYS, load_default=0)
    max_days = Integer(maximum=shipping.MAX_DAYS, load_default=0)
    tax_category = Slug(load_default="standard")


class ChangedShippingMethod(OperationReason):
    """The fields of a shipping method to change."""

    example: ClassVar = {"active": True, "reason": "it has rates now"}

    name = Text()
    zone_id = Slug(allow_none=True)
    carrier = Text(max_length=100, min_length=0)
    tracking_url = fields.String(
        validate=[validate.Length(max=500), validate.Regexp(URL, error="An https:// URL in ASCII.")]
    )
    min_days = Integer(maximum=shipping.MAX_DAYS)
    max_days = Integer(maximum=shipping.MAX_DAYS)
    tax_category = Slug()
    active = Flag()


class ShippingRate(Schema):
    """One band, from `from` up to but without `below` (null: without end), and what shipping costs in it."""

    example: ClassVar = {"currency": "EUR", "from": 0, "below": 5000, "amount": 490}

    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"example": "EUR"})
    from_ = Integer(required=True, maximum=MAX_AMOUNT, data_key="from")
    below = Integer(minimum=1, maximum=MAX_AMOUNT, load_default=None, allow_none=True)
    amount = Integer(required=True, maximum=shipping.MAX_RATE)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> shipping.Rate:
        return shipping.Rate(**values)


class ReplaceRates(OperationReason):
    """All rates of a method. `by`: whether bands measure the price of the goods or their weight in grams."""

    example: ClassVar = {
        "by": "price",
        "rates": [
            {"currency": "EUR", "from": 0, "below": 5000, "amount": 490},
            {"currency": "EUR", "from": 5000, "amount": 0},
        ],
        "reason": "free above 50 euros",
    }

    by = fields.Enum(shipping.RatedBy, by_value=fields.String, required=True)
    rates = fields.List(fields.Nested(ShippingRate), required=True, validate=validate.Length(max=shipping.MAX_BANDS))
