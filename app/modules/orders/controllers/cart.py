"""Fill a cart: a guest's, who shows its token, or a customer's."""

from typing import Any

import msgspec
from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError

from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas
from app.modules.orders.controllers.render import cart_json
from app.modules.orders.domain.cart import Holder
from app.modules.orders.domain.priced_cart import Priced
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.find_cart import find_cart, has_one_to_claim
from app.modules.orders.use_cases.put_in_cart import put_in_cart
from app.modules.orders.use_cases.show_cart import show_cart
from app.modules.orders.use_cases.take_from_cart import empty_cart, take_from_cart
from app.web.auth import identity_if_any
from app.web.schemas import Sku
from app.web.transaction import reading_of, transaction_of

TOKEN = "X-Cart-Token"  # noqa: S105 — a header's name
SKU = Sku()

blp = Blueprint("cart", __name__, url_prefix="/cart", description="Fill a cart, signed in or not")
transaction: Transaction[Work] = transaction_of("orders")
reading: Transaction[Work] = reading_of("orders")


@blp.route("")
class Cart(MethodView):
    @blp.response(200, schemas.Cart())
    def get(self) -> Response:
        """Your cart at the prices of now"""
        holder = _holder()
        with reading() as work:
            if not has_one_to_claim(work, holder):
                return _answer(show_cart(work, find_cart(work, holder, clock.now())))
        with transaction() as work:
            return _answer(show_cart(work, find_cart(work, holder, clock.now())))

    @blp.response(204)
    def delete(self) -> Response:
        """Empty the cart"""
        with transaction() as work:
            empty_cart(work, _holder(), clock.now())
        return Response(status=204)


@blp.route("/items/<sku:sku>")
class CartItem(MethodView):
    @blp.arguments(schemas.PutItem())
    @blp.response(200, schemas.Cart())
    def put(self, wanted: dict[str, Any], sku: str) -> Response:
        """Have so many of a sku in the cart; a guest's first answer carries the X-Cart-Token to keep"""
        with transaction() as work:
            cart, token = put_in_cart(work, _holder(), _sku(sku), wanted["quantity"], clock.now())
            answer = _answer(show_cart(work, cart))
        if token:
            answer.headers[TOKEN] = token
        return answer

    @blp.response(204)
    def delete(self, sku: str) -> Response:
        """Take a sku out of the cart"""
        with transaction() as work:
            take_from_cart(work, _holder(), sku, clock.now())
        return Response(status=204)


def _holder() -> Holder:
    who = identity_if_any()
    return Holder(who.user_id if who else None, request.headers.get(TOKEN))


def _sku(text: str) -> str:
    try:
        return str(SKU.deserialize(text))
    except ValidationError:
        raise Invalid("unknown_sku", "we do not sell that") from None


def _answer(priced: Priced) -> Response:
    return Response(msgspec.json.encode(cart_json(priced)), mimetype="application/json")
