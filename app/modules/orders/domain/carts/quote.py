"""A quote: what an order would cost, and how it could be shipped."""

from dataclasses import dataclass, replace

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.carts.price import Priced, PricedGoods, refuse_unpayable
from app.modules.orders.domain.orders.contact import Contact
from app.modules.orders.domain.promotions.candidate import NO_PROMOTIONS, Promotions
from app.modules.orders.domain.shipping.shipping import Method
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.question import TaxAnswer, TaxQuestion
from app.modules.orders.domain.tax.rules import BuyerNumber


@dataclass(frozen=True, kw_only=True)
class InUse:
    """What the shop has: an active promotion that needs no code, an active shipping method."""

    promotions: bool
    shipping: bool


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a client asks for: where to, and by which method. None: it has not decided yet.

    `billing`: where what need not be shipped goes.
    """

    destination: Destination | None = None
    method: str | None = None
    billing: Destination | None = None

    def tax_place(self, ships: bool) -> Destination | None:
        """The place that decides the tax; None: the shop's own."""
        return self.destination if ships else self.billing or self.destination


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The price with the chosen method, and the methods that apply. `ships`: one of them must be chosen."""

    priced: Priced
    promotions: Promotions = NO_PROMOTIONS  # what was tried
    ships: bool = False
    method: Method | None = None
    choices: tuple[tuple[Method, PricedGoods], ...] = ()
    buyer: BuyerNumber | None = None  # the tax number that the tax was decided with

    @property
    def offered(self) -> list[tuple[Method, Priced]]:
        """The price with each method; an order needs that of its own only. Raises what `price` raises."""
        return [(method, goods.shipped_by(method)) for method, goods in self.choices]

    @property
    def question(self) -> TaxQuestion | None:
        """What the provider of tax has to be asked: about what may be ordered, as each question costs."""
        return self.priced.question if self.method is not None or not self.ships else None

    def answered(self, answer: TaxAnswer) -> "Quote":
        """With the tax of the answer. Raises Invalid(total_too_small, total_too_large, total_not_payable)."""
        priced = self.priced.answered(answer)
        refuse_unpayable(priced.totals)
        return replace(self, priced=priced)

    def refuse_unanswered(self) -> None:
        """Raises Conflict(quote_needed): the tax of an order is asked by its quote, and kept for half an hour."""
        if self.question is not None:
            raise Conflict("quote_needed", "the tax of this order is not known: get a quote of it, and order then")

    def refuse_incomplete(self, contact: Contact) -> None:
        """Raises Invalid(shipping_method_needed, email_needed) for an order that could not be shipped."""
        if not self.ships:
            return
        if self.method is None:
            codes = [method.code for method, _ in self.choices]
            raise Invalid(
                "shipping_method_needed", "choose a shipping method: get a quote for the address", {"methods": codes}
            )
        if not contact.email:
            raise Invalid("email_needed", "an order that is shipped needs an e-mail address: send email")


def chosen_of(methods: list[Method], delivery: Delivery) -> Method | None:
    """The method that the client has chosen of these, which apply.

    Raises Invalid(address_needed, not_shipped_there, unknown_shipping_method).
    """
    codes = {method.code: method for method in methods}
    if delivery.method in codes:
        return codes[delivery.method]
    if delivery.destination is None:
        if delivery.method is not None:
            raise Invalid("address_needed", f"{delivery.method} needs an address: send one, or choose another method")
        return None
    if not methods:
        place = delivery.destination.ship_to
        raise Invalid(
            "not_shipped_there", f"we do not ship these items to {place} at that postal code: change the address"
        )
    if delivery.method is not None:
        sentence = f"{delivery.method} is not for this address and these items: choose one of {', '.join(codes)}"
        raise Invalid("unknown_shipping_method", sentence, {"methods": list(codes)})
    return None
