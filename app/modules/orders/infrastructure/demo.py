"""What a new demo shop has: three zones with two shipping methods each, a coupon, and the tax of four countries."""

from app.kernel.expected import Expected
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.modules.orders.domain.orders.filter import OrderFilter, Sort
from app.modules.orders.domain.promotions.promotion import Kind
from app.modules.orders.domain.shipping.shipping import Method, Rate, RatedBy
from app.modules.orders.domain.shipping.zone import Area, Zone
from app.modules.orders.domain.tax.rules import Registration, TaxRate
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.promotions.edit_promotion import add_coupons, add_promotion
from app.modules.orders.use_cases.shipping.edit_method import add_method, change_method, replace_rates
from app.modules.orders.use_cases.shipping.edit_zone import add_zone
from app.modules.orders.use_cases.tax.edit_rate import add_rate
from app.modules.orders.use_cases.tax.edit_registration import add_registration

CODE = "WELCOME10"
DEMO_NOTES = [
    "shipping   to Germany, the EU, Switzerland and the US: POST /api/v1/cart/quote names the methods",
    f"coupon     {CODE} takes a tenth off the goods",
]
WHO, WHY = "demo", "a shop that ships"
ZONES = (
    ("germany", "Germany", ("DE",)),
    ("eu", "European Union", ("AT", "BE", "DK", "ES", "FI", "FR", "IE", "IT", "LU", "NL", "PL", "PT", "SE")),
    ("overseas", "Switzerland and the US", ("CH", "US")),
)
METHODS = (  # code, name, zone, days, cents, cents from which it is free
    ("standard-de", "Standard", "germany", (2, 3), 490, 5000),
    ("express-de", "Express", "germany", (1, 1), 1290, None),
    ("standard-eu", "Standard", "eu", (3, 6), 990, 10000),
    ("express-eu", "Express", "eu", (2, 2), 2490, None),
    ("standard-overseas", "Standard", "overseas", (6, 12), 1990, 20000),
    ("express-overseas", "Express", "overseas", (3, 4), 4900, None),
)
TAXES = (("DE", 190_000), ("AT", 200_000), ("FR", 200_000), ("NL", 210_000))  # charged where TAX is internal


def load_demo(transaction: Transaction[UnitOfWork]) -> None:
    """Set up a shop that has neither zones nor orders: one that sells without shipping goes on so."""
    with transaction() as uow:
        if uow.shipping.zones() or uow.shipping.methods() or uow.orders.matching(OrderFilter(), Sort.NEWEST, None, 1):
            return
        for id, name, countries in ZONES:
            add_zone(uow, Zone(id=id, name=name, areas=tuple(Area(country=each) for each in countries)), WHO, WHY)
        for code, name, zone_id, (min_days, max_days), cents, free_from in METHODS:
            method = Method(
                code=code,
                name=name,
                zone_id=zone_id,
                carrier="DHL",
                tracking_url="https://www.dhl.de/track?id={number}",
                min_days=min_days,
                max_days=max_days,
            )
            added = add_method(uow, method, WHO, WHY)
            rates = [Rate(currency="EUR", from_=0, below=free_from, amount=cents)]
            rates += [Rate(currency="EUR", from_=free_from, below=None, amount=0)] if free_from else []
            rated = replace_rates(uow, code, RatedBy.PRICE, rates, _read(added), WHO, WHY)
            change_method(uow, code, {"active": True}, _read(rated), WHO, WHY)
        welcome = {"id": "welcome", "name": "A tenth off", "kind": Kind.PERCENT, "ppm": 100_000, "active": True}
        add_promotion(uow, {**welcome, "starts_at": uow.now}, WHO, WHY)
        add_coupons(uow, "welcome", [CODE], None, WHO, WHY)
        if not uow.tax.registrations():
            _collect_tax(uow)


def _collect_tax(uow: UnitOfWork) -> None:
    for country, ppm in TAXES:
        rate = TaxRate(id=new_id(), country=country, name="VAT", ppm=ppm, valid_from=uow.now)
        add_rate(uow, rate, WHO, WHY)
        add_registration(uow, Registration(id=new_id(), country=country, since=uow.now), WHO, WHY)


def _read(method: Method) -> Expected:
    return Expected(frozenset({method.version}))
