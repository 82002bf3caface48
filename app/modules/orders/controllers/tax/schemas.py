"""The request bodies of tax."""

from typing import ClassVar

from marshmallow import fields, validate

from app.kernel.countries import COUNTRIES
from app.modules.orders.controllers.shipping.schemas import Code
from app.modules.orders.domain.tax.rules import MILLION, Reason
from app.ops.bodies import OperationReason
from app.web.paging import PageArgs
from app.web.schemas import DateTimeField, Integer, Slug, Text

KNOWN = validate.OneOf(sorted(COUNTRIES), error="Use the code of a country from ISO 3166-1, such as DE.")
OF_RATES = [
    str(each)
    for each in Reason
    if each not in {Reason.REVERSE_CHARGE, Reason.INTRA_COMMUNITY_SUPPLY, Reason.CUSTOMER_EXEMPT, Reason.NOT_COLLECTING}
]


class NewTaxCategory(OperationReason):
    """A new category; its slug can never be changed. Products and shipping methods name it."""

    example: ClassVar = {"slug": "books", "name": "Books", "reason": "reduced in Germany"}

    slug = Slug(required=True)
    name = Text(required=True)


class NewTaxRegistration(OperationReason):
    """Where the shop begins to collect tax: a country or, with `region`, that region only."""

    example: ClassVar = {"country": "DE", "since": "2027-01-01T00:00:00+01:00", "reason": "registered"}

    country = fields.String(required=True, validate=KNOWN, metadata={"example": "DE"})
    region = Code(3)
    since = DateTimeField(required=True)
    until = DateTimeField(load_default=None, allow_none=True)


class ChangedTaxRegistration(OperationReason):
    """When the shop ceases to collect tax there; null: it does not."""

    example: ClassVar = {"until": "2028-01-01T00:00:00+01:00", "reason": "deregistered"}

    until = DateTimeField(required=True, allow_none=True)


class NewTaxRate(OperationReason):
    """A rate in parts per million, so 19 % is 190000, of a category in a place, from `valid_from` until `valid_until`.

    Rates of different names apply together; of one name, the one of the most specific place. `tax_reason`: how an
    order's tax is explained; a rate that is no tax at all says why.
    """

    example: ClassVar = {
        "country": "DE",
        "category": "standard",
        "name": "VAT",
        "ppm": 190000,
        "valid_from": "2027-01-01T00:00:00+01:00",
        "reason": "the rate of Germany",
    }

    country = fields.String(required=True, validate=KNOWN, metadata={"example": "DE"})
    region = Code(3)
    postal_prefix = Code(20)
    category = Slug(load_default="standard")
    name = Text(required=True, max_length=100)
    ppm = Integer(required=True, maximum=MILLION)
    tax_reason = fields.String(load_default=str(Reason.STANDARD_RATED), validate=validate.OneOf(OF_RATES))
    valid_from = DateTimeField(required=True)
    valid_until = DateTimeField(load_default=None, allow_none=True)


class ChangedTaxRate(OperationReason):
    """When a rate ends; null: it does not. Nothing else of a rate ever changes: add another one."""

    example: ClassVar = {"valid_until": "2028-01-01T00:00:00+01:00", "reason": "a new rate from then"}

    valid_until = DateTimeField(required=True, allow_none=True)


class ListTaxRates(PageArgs):
    """`country`: only the rates of this one."""

    country = fields.String(load_default=None, validate=KNOWN)
