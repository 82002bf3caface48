"""The response bodies of quotes."""

from msgspec import Struct

from app.kernel.money import Money
from app.modules.orders.controllers.carts.discount_views import Discount, GivenCode, codes_view, discounts_view
from app.modules.orders.controllers.tax.line_views import TaxLine, tax_lines_view
from app.modules.orders.controllers.views import OrderTotals, totals_view
from app.modules.orders.domain.carts import quote as quotes
from app.modules.orders.domain.orders import order as domain
from app.modules.orders.domain.shipping.shipping import Method


class QuotedLine(Struct, frozen=True):
    """A quantity of one SKU, at its current unit price. `discount`: its share of all discounts, for all its units."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money


class QuotedMethod(Struct, frozen=True):
    """A shipping method that is for this basket and address, with its price and the totals that the order would have.

    It takes `min_days` to `max_days`. A method that needs no address is one by which the customer collects the goods.
    """

    code: str
    name: str
    carrier: str
    needs_address: bool
    min_days: int
    max_days: int
    price: Money
    totals: OrderTotals


class Quote(Struct, frozen=True):
    """What an order would cost now. `totals.total`: what to send as expected_total.

    `codes`: of coupons, with the reason of those that give nothing.
    `ships`: whether one of the `methods` must be chosen. Without a chosen one, `totals` has no shipping.
    `tax_lines`: the tax of each line and of shipping. `tax_known`: false while a provider has not been asked for it, as
    before a method is chosen; `totals` are then without tax, as those of the `methods`: get a quote with the method.
    """

    lines: list[QuotedLine]
    totals: OrderTotals
    discounts: list[Discount]
    codes: list[GivenCode]
    ships: bool
    methods: list[QuotedMethod]
    tax_lines: list[TaxLine]
    tax_known: bool


def quote_view(quote: quotes.Quote) -> Quote:
    priced = quote.priced
    currency = priced.totals.items.currency
    lines = [
        QuotedLine(line.sku, line.name, line.quantity, line.unit_price, Money(line.discount, currency))
        for line in priced.lines
    ]
    methods = [_quoted(method, shipped.totals) for method, shipped in quote.offered]
    discounts, codes = discounts_view(priced.discounts, currency), codes_view(priced.codes)
    taxes = tax_lines_view(priced.tax_lines)
    return Quote(
        lines, totals_view(priced.totals), discounts, codes, quote.ships, methods, taxes, priced.question is None
    )


def _quoted(method: Method, totals: domain.Totals) -> QuotedMethod:
    return QuotedMethod(
        code=method.code,
        name=method.name,
        carrier=method.carrier,
        needs_address=method.needs_address,
        min_days=method.min_days,
        max_days=method.max_days,
        price=totals.shipping,
        totals=totals_view(totals),
    )
