"""Routes of the cart. A guest's cart is identified by the X-Cart-Token header, a customer's by the customer."""

from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask.views import MethodView
from marshmallow import ValidationError

from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas, views
from app.modules.orders.controllers.carts import quote_views
from app.modules.orders.controllers.carts.codes import hit_codes
from app.modules.orders.controllers.carts.quote_views import quote_view
from app.modules.orders.controllers.views import cart_view
from app.modules.orders.domain.carts import quote as quotes
from app.modules.orders.domain.carts.cart import Holder
from app.modules.orders.domain.tax.question import TaxProvider
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart, has_cart_to_claim
from app.modules.orders.use_cases.carts.put_in_cart import put_in_cart
from app.modules.orders.use_cases.carts.quote_basket import quote_basket, quote_cart
from app.modules.orders.use_cases.carts.show_cart import show_cart
from app.modules.orders.use_cases.carts.take_from_cart import empty_cart, take_code_from_cart, take_from_cart
from app.modules.orders.use_cases.carts.use_code import use_code
from app.modules.orders.use_cases.tax.estimate_tax import estimate_tax
from app.web.auth import identity_if_any
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.limits import address, hit, limited
from app.web.operation import CART_TOKEN, NEW_CART_TOKEN, operation
from app.web.schemas import Sku

TOKEN = "X-Cart-Token"  # noqa: S105 — a header's name
SKU = Sku()


def cart_blueprint(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], provider: TaxProvider
) -> Blueprint:
    blp = Blueprint("cart", "/cart", "Fill a cart, signed in or not")
    blp.add("", Cart, transaction, reading)
    blp.add("/quote", Quote, transaction, reading, provider)
    blp.add("/items/<sku:sku>", CartItem, transaction)
    blp.add("/codes/<code>", CartCode, transaction)
    return blp


@dataclass(frozen=True)
class Cart(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @answers(200, views.Cart)
    @operation("get_cart", CART_TOKEN, token_optional=True)
    def get(self) -> views.Cart:
        """Get your cart at the current prices"""
        holder = _holder()
        with self.reading() as uow:
            if not has_cart_to_claim(uow, holder):
                return cart_view(show_cart(uow, find_cart(uow, holder)))
        with self.transaction() as uow:
            return cart_view(show_cart(uow, find_cart(uow, holder)))

    @answers(204)
    @operation("clear_cart", CART_TOKEN, refusals={409: "cart_locked"}, token_optional=True)
    def delete(self) -> None:
        """Empty the cart"""
        with self.transaction() as uow:
            empty_cart(uow, _holder())


@dataclass(frozen=True)
class Quote(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    provider: TaxProvider

    @arguments(schemas.GetQuote(), required=False)
    @answers(200, quote_views.Quote)
    @operation(
        "quote",
        CART_TOKEN,
        refusals={
            409: "offer_not_known_yet tax_rate_missing",
            422: "address_needed bad_code empty_order mixed_currencies not_on_sale not_shipped_there too_many "
            "too_many_codes tax_place_unknown total_not_payable total_too_large total_too_small "
            "unknown_shipping_method unknown_sku",
            503: "tax_answer_inconsistent tax_unavailable",
        },
        token_optional=True,
    )
    def post(self, body: dict[str, Any]) -> quote_views.Quote:
        """Get what an order of these items or, without items, of the cart would cost now; nothing is reserved"""
        quote = self._quote(body)
        if quote.question is not None:
            hit("tax", g.setdefault("caller", address()))  # each question costs money
        return quote_view(estimate_tax(self.transaction, self.provider, quote))

    def _quote(self, body: dict[str, Any]) -> quotes.Quote:
        holder, items, delivery, codes = _holder(), body["items"], schemas.delivery(body), hit_codes(body["codes"])
        with self.reading() as uow:
            if items is not None:
                return quote_basket(uow, schemas.requested(items), delivery, codes or (), holder.customer_id)
            if not has_cart_to_claim(uow, holder):
                return quote_cart(uow, holder, delivery, codes)
        with self.transaction() as uow:
            return quote_cart(uow, holder, delivery, codes)


@dataclass(frozen=True)
class CartItem(MethodView):
    transaction: Transaction[UnitOfWork]

    @arguments(schemas.CartQuantity())
    @answers(200, views.Cart, NEW_CART_TOKEN)
    @operation(
        "set_cart_item",
        CART_TOKEN,
        refusals={409: "cart_locked", 422: "cart_full not_on_sale unknown_sku"},
        token_optional=True,
    )
    def put(self, body: dict[str, Any], sku: str) -> Answer[views.Cart]:
        """Set the quantity of a SKU in the cart; a guest's first response has the X-Cart-Token to send from then on"""
        with self.transaction() as uow:
            cart, token = put_in_cart(uow, _holder(), _sku(sku), body["quantity"])
            shown = cart_view(show_cart(uow, cart))
        return Answer(shown, {TOKEN: token} if token else {})

    @answers(204)
    @operation("remove_cart_item", CART_TOKEN, refusals={409: "cart_locked"}, token_optional=True)
    def delete(self, sku: str) -> None:
        """Remove a SKU from the cart"""
        with self.transaction() as uow:
            take_from_cart(uow, _holder(), sku)


@dataclass(frozen=True)
class CartCode(MethodView):
    transaction: Transaction[UnitOfWork]

    @limited("coupon")
    @answers(200, views.Cart, NEW_CART_TOKEN)
    @operation(
        "add_cart_code",
        CART_TOKEN,
        refusals={409: "cart_locked", 422: "bad_code too_many_codes unknown_code"},
        token_optional=True,
    )
    def put(self, code: str) -> Answer[views.Cart]:
        """Add the code of a coupon to the cart; the response has what it gives, or why it gives nothing"""
        with self.transaction() as uow:
            shown, token = use_code(uow, _holder(), code)
        return Answer(cart_view(shown), {TOKEN: token} if token else {})

    @answers(204)
    @operation("remove_cart_code", CART_TOKEN, refusals={409: "cart_locked", 422: "bad_code"}, token_optional=True)
    def delete(self, code: str) -> None:
        """Remove the code of a coupon from the cart"""
        with self.transaction() as uow:
            take_code_from_cart(uow, _holder(), code)


def _holder() -> Holder:
    who = identity_if_any()
    return Holder(who.user_id if who else None, request.headers.get(TOKEN))


def _sku(text: str) -> str:
    try:
        return str(SKU.deserialize(text))
    except ValidationError:
        raise Invalid("unknown_sku", "we do not sell that") from None
