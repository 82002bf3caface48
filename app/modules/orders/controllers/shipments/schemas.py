"""The request bodies of shipments."""

from collections import Counter
from typing import Any, ClassVar

from marshmallow import fields, post_load, validate

from app.kernel import links
from app.modules.orders.domain.shipping.shipment import Tracking
from app.web.schemas import Quantity, Schema, Sku, Text

MAX_CARRIER_LENGTH, MAX_NUMBER_LENGTH = 60, 100


class PackedUnits(Schema):
    """A number of units of one SKU."""

    sku = Sku(required=True)
    quantity = Quantity(required=True)


class PackShipment(Schema):
    """The units to pack or, without `lines`, all that is left of the order."""

    example: ClassVar = {"lines": [{"sku": "MUG", "quantity": 1}]}

    lines = fields.List(fields.Nested(PackedUnits), load_default=None, validate=validate.Length(1, 100))


def units_of(lines: list[dict[str, Any]] | None) -> Counter[str]:
    """The units by SKU; a SKU that is listed twice is added up."""
    units: Counter[str] = Counter()
    for line in lines or ():
        units[line["sku"]] += line["quantity"]
    return units


class DispatchShipment(Schema):
    """Who carries the shipment, the number that it has there, and where the customer can follow it."""

    example: ClassVar = {
        "carrier": "DHL",
        "tracking_number": "00340434161094021501",
        "tracking_url": "https://www.dhl.de/track?id=00340434161094021501",
    }

    carrier = Text(required=True, max_length=MAX_CARRIER_LENGTH)
    tracking_number = Text(required=True, max_length=MAX_NUMBER_LENGTH)
    tracking_url = fields.String(
        load_default=None,
        allow_none=True,
        validate=[validate.Length(max=links.MAX_URL_LENGTH), validate.Regexp(links.URL, error=links.BAD_URL)],
    )

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Tracking:
        return Tracking(carrier=values["carrier"], number=values["tracking_number"], url=values["tracking_url"])
