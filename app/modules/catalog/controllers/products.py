"""Products: look at one, add, change, take off sale; its variants."""

from typing import Any
from uuid import UUID

from flask import Response, url_for
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas, search_schemas
from app.modules.catalog.controllers.answers import shown, shown_changed, shown_variant
from app.modules.catalog.controllers.listing import listed, suggested
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.slug import checked, slug_of
from app.modules.catalog.ports.reading import Page, Reading
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.add_product import AddProduct
from app.modules.catalog.use_cases.add_variant import AddVariant
from app.modules.catalog.use_cases.change_price import ChangePrice
from app.modules.catalog.use_cases.change_product import ChangeProduct
from app.modules.catalog.use_cases.change_variant import ChangeVariant
from app.web.auth import staff_only
from app.web.bodies import large_body
from app.web.etags import expected
from app.web.transaction import reading_of, transaction_of

blp = Blueprint("products", __name__, url_prefix="/products", description="Look for products, and edit them")
transaction: Transaction[Work] = transaction_of("catalog")
reading: Transaction[Reading] = reading_of("catalog")


@blp.route("")
class Products(MethodView):
    @blp.arguments(search_schemas.ProductQuery(), location="query")
    @blp.response(200, search_schemas.ProductList())
    def get(self, asked: dict[str, Any]) -> Response:
        """Look for products, or list them"""
        return listed(asked)

    @staff_only
    @large_body
    @blp.arguments(schemas.NewProduct())
    @blp.response(201, schemas.Product())
    def post(self, new: dict[str, Any]) -> Response:
        """Add a product with its variants"""
        variants = new.pop("variants")
        id, asked = new_id(), new.pop("slug", None)
        slug = checked(asked) if asked else slug_of([new["name"], *(each["sku"] for each in variants)], id)
        product = Product(id=id, slug=slug, created_at=clock.now(), **new)
        offered = [_variant(id, each) for each in variants]
        with transaction() as work:
            AddProduct(work).execute(product, offered, slug_was_asked_for=asked is not None)
        response = shown_changed(_page(str(product.id)), 201)
        response.location = url_for("products.OneProduct", ref=product.id)
        return response


@blp.route("/suggest")
class Suggestions(MethodView):
    @blp.arguments(search_schemas.SuggestQuery(), location="query")
    @blp.response(200, search_schemas.Suggestions())
    def get(self, asked: dict[str, Any]) -> Response:
        """Products whose names begin as someone types"""
        return suggested(asked["q"], asked["limit"])


@blp.route("/<ref>")
class OneProduct(MethodView):
    @blp.response(200, schemas.Product())
    def get(self, ref: str) -> Response:
        """One product, by id or slug"""
        return shown(_page(ref))

    @staff_only
    @large_body
    @blp.arguments(schemas.ChangedProduct())
    @blp.response(200, schemas.Product())
    def patch(self, changes: dict[str, Any], ref: str) -> Response:
        """Change a product, by id"""
        if "slug" in changes:
            checked(changes["slug"])
        product_id = _id(ref)
        with transaction() as work:
            ChangeProduct(work).execute(product_id, changes, expected())
        return shown(_page(ref))

    @staff_only
    @blp.response(204)
    def delete(self, ref: str) -> None:
        """Take a product off sale, by id; its page stays for those who bought it"""
        product_id = _id(ref)
        with transaction() as work:
            ChangeProduct(work).execute(product_id, {"on_sale": False}, expected())


@blp.route("/<ref>/variants")
class Variants(MethodView):
    @staff_only
    @large_body
    @blp.arguments(schemas.NewVariant())
    @blp.response(201, schemas.Variant())
    def post(self, new: dict[str, Any], ref: str) -> Response:
        """Sell a product in one more form"""
        with transaction() as work:
            variant = AddVariant(work).execute(_variant(_id(ref), new))
        return shown_variant(_page(ref), variant.sku, 201)


@blp.route("/<ref>/variants/<sku:sku>")
class OneVariant(MethodView):
    @staff_only
    @large_body
    @blp.arguments(schemas.ChangedVariant())
    @blp.response(200, schemas.Variant())
    def patch(self, changes: dict[str, Any], ref: str, sku: str) -> Response:
        """Change a variant or its price"""
        product_id = _id(ref)
        price: Money | None = changes.pop("price", None)
        with transaction() as work:
            if price and not changes:
                ChangePrice(work).execute(product_id, sku, price, expected())
            else:
                ChangeVariant(work).execute(product_id, sku, changes, expected(), price)
        return shown_variant(_page(ref), sku)

    @staff_only
    @blp.response(204)
    def delete(self, ref: str, sku: str) -> None:
        """Take a variant off sale"""
        product_id = _id(ref)
        with transaction() as work:
            ChangeVariant(work).execute(product_id, sku, {"on_sale": False}, expected())


def _page(ref: str) -> Page:
    with reading() as shop:
        return shop.product(ref)


def _variant(product_id: UUID, new: dict[str, Any]) -> Variant:
    price: Money = new.pop("price")
    return Variant(product_id=product_id, amount=price.amount, currency=price.currency, **new)


def _id(ref: str) -> UUID:
    try:
        return UUID(ref)
    except ValueError:
        raise NotFound("no_such_product", f"there is no product with the id {ref}") from None
