"""Routes of products and their variants: listing, reading, adding, changing, taking off sale."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from flask.views import MethodView

from app.kernel import clock
from app.kernel.errors import NotFound, Stale
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas, search_schemas, search_views, views
from app.modules.catalog.controllers.listing import list_products, suggest_products
from app.modules.catalog.controllers.record import Record
from app.modules.catalog.controllers.views import product_view, variant_view, warnings_of
from app.modules.catalog.domain.media import refuse_other_origins
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.slug import checked, slug_of
from app.modules.catalog.ports.reading import ProductPage, Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.add_product import AddProduct
from app.modules.catalog.use_cases.products.add_variant import AddVariant
from app.modules.catalog.use_cases.products.change_price import ChangePrice
from app.modules.catalog.use_cases.products.change_product import ChangeProduct
from app.modules.catalog.use_cases.products.change_variant import ChangeVariant
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.bodies import large_body
from app.web.etags import PUBLIC, etag_of, expected, public
from app.web.operation import ETAG, ETAG_OF_BODY, IF_MATCH, LOCATION, operation


def products_blueprint(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[Reading],
    search: Search,
    media_origins: Collection[str],
) -> Blueprint:
    """The blueprint of /products. `media_origins`: where media must be; without any, they may be anywhere."""
    blp = Blueprint("products", "/products", "Find products, and edit them")
    blp.add("", Products, transaction, reading, search, media_origins)
    blp.add("/suggest", Suggestions, search)
    blp.add("/<ref>", OneProduct, transaction, reading, media_origins)
    blp.add("/<ref>/record", Record, reading)
    blp.add("/<ref>/variants", Variants, transaction, reading)
    blp.add("/<ref>/variants/<sku:sku>", OneVariant, transaction, reading)
    return blp


@dataclass(frozen=True)
class Products(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]
    search: Search
    media_origins: Collection[str]

    @arguments(search_schemas.ProductQuery(), location="query")
    @answers(200, search_views.ProductList, ETAG_OF_BODY)
    @operation("list_products", refusals={422: "bad_attribute bad_cursor unknown_category"})
    def get(self, args: dict[str, Any]) -> Answer[search_views.ProductList] | Response:
        """List or search products"""
        return public(list_products(self.reading, self.search, args))

    @staff_only
    @large_body
    @arguments(schemas.NewProduct())
    @answers(201, views.Product, ETAG | LOCATION)
    @operation(
        "create_product",
        refusals={
            409: "external_reference_taken other_currency sku_taken slug_taken",
            422: "bad_price media_origin_not_allowed slug_is_an_id slug_is_reserved unknown_category",
        },
    )
    def post(self, new: dict[str, Any]) -> Answer[views.Product]:
        """Create a product with its variants"""
        refuse_other_origins(new["media"], self.media_origins)
        variants = new.pop("variants")
        id, requested = new_id(), new.pop("slug", None)
        slug = checked(requested) if requested else slug_of([new["name"], *(each["sku"] for each in variants)], id)
        product = Product(id=id, slug=slug, created_at=clock.now(), **new)
        offered = [_variant(id, each) for each in variants]
        with self.transaction() as uow:
            AddProduct(uow).execute(product, offered, slug_was_requested=requested is not None)
        page = _page(self.reading, str(id))
        headers = _tag(_edition(page)) | {"Location": url_for("products.OneProduct", ref=id)}
        return Answer(product_view(page, warnings_of(page.variants)), headers)


@dataclass(frozen=True)
class Suggestions(MethodView):
    search: Search

    @arguments(search_schemas.SuggestQuery(), location="query")
    @answers(200, search_views.ProductSuggestions, ETAG_OF_BODY)
    @operation("suggest_products")
    def get(self, args: dict[str, Any]) -> Answer[search_views.ProductSuggestions] | Response:
        """Suggest product names while a customer types"""
        return public(Answer(suggest_products(self.search, args["q"], args["limit"])))


@dataclass(frozen=True)
class OneProduct(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]
    media_origins: Collection[str]

    @answers(200, views.Product, ETAG)
    @operation("get_product", refusals={404: "no_such_product"})
    def get(self, ref: str) -> Answer[views.Product] | Response:
        """Get a product by its id or slug"""
        page = _page(self.reading, ref)
        edition = _edition(page)
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(edition):
            return Response(status=304, headers=_tag(edition) | PUBLIC)
        return Answer(product_view(page), _tag(edition) | PUBLIC)

    @staff_only
    @large_body
    @arguments(schemas.ChangedProduct())
    @answers(200, views.Product, ETAG)
    @operation(
        "update_product",
        IF_MATCH,
        refusals={
            404: "no_such_product",
            409: "external_reference_taken slug_taken",
            422: "media_origin_not_allowed slug_is_an_id slug_is_reserved unknown_category",
        },
    )
    def patch(self, changes: dict[str, Any], ref: str) -> Answer[views.Product]:
        """Update a product, by its id"""
        if "slug" in changes:
            checked(changes["slug"])
        product_id = _id(ref)
        refuse_other_origins(changes.get("media", ()), self.media_origins)
        with self.transaction() as uow:
            ChangeProduct(uow).execute(product_id, changes, expected())
        page = _page(self.reading, ref)
        return Answer(product_view(page), _tag(_edition(page)))

    @staff_only
    @answers(204)
    @operation("delete_product", IF_MATCH, refusals={404: "no_such_product"})
    def delete(self, ref: str) -> None:
        """Take a product off sale; its page stays readable for customers who bought it"""
        product_id = _id(ref)
        with self.transaction() as uow:
            ChangeProduct(uow).execute(product_id, {"on_sale": False}, expected())


@dataclass(frozen=True)
class Variants(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]

    @staff_only
    @large_body
    @arguments(schemas.NewVariant())
    @answers(201, views.ProductVariant, ETAG)
    @operation(
        "create_variant",
        refusals={404: "no_such_product", 409: "external_reference_taken other_currency sku_taken", 422: "bad_price"},
    )
    def post(self, new: dict[str, Any], ref: str) -> Answer[views.ProductVariant]:
        """Add a variant to a product"""
        with self.transaction() as uow:
            variant = AddVariant(uow).execute(_variant(_id(ref), new))
        return _changed(_page(self.reading, ref), variant.sku)


@dataclass(frozen=True)
class OneVariant(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]

    @staff_only
    @large_body
    @arguments(schemas.ChangedVariant())
    @answers(200, views.ProductVariant, ETAG)
    @operation(
        "update_variant",
        IF_MATCH,
        refusals={404: "no_such_product no_such_sku", 409: "external_reference_taken other_currency", 422: "bad_price"},
    )
    def patch(self, changes: dict[str, Any], ref: str, sku: str) -> Answer[views.ProductVariant]:
        """Update a variant, or its price"""
        product_id = _id(ref)
        price: Money | None = changes.pop("price", None)
        with self.transaction() as uow:
            if price and not changes:
                ChangePrice(uow).execute(product_id, sku, price, expected())
            else:
                ChangeVariant(uow).execute(product_id, sku, changes, expected(), price)
        return _changed(_page(self.reading, ref), sku)

    @staff_only
    @answers(204)
    @operation("delete_variant", IF_MATCH, refusals={404: "no_such_product no_such_sku"})
    def delete(self, ref: str, sku: str) -> None:
        """Take a variant off sale"""
        product_id = _id(ref)
        with self.transaction() as uow:
            ChangeVariant(uow).execute(product_id, sku, {"on_sale": False}, expected())


def _page(reading: Transaction[Reading], ref: str) -> ProductPage:
    """Repeats a reading that lost its prepared statement: the request, run again, would write once more."""
    with suppress(Stale), reading() as shop:
        return shop.product(ref)
    with reading() as shop:
        return shop.product(ref)


def _edition(page: ProductPage) -> str:
    return f"{etag_of(page.version)}.{page.edition}"


def _tag(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"'}


def _changed(page: ProductPage, sku: str) -> Answer[views.ProductVariant]:
    """Return one variant of a product that was just written. Raises NotFound(no_such_sku) if it has no such variant."""
    for variant in page.variants:
        if variant.sku == sku:
            return Answer(variant_view(variant, warnings_of([variant])), _tag(etag_of(variant.version)))
    raise NotFound("no_such_sku", f"product {page.slug} has no sku {sku}")


def _variant(product_id: UUID, new: dict[str, Any]) -> Variant:
    price: Money = new.pop("price")
    return Variant(product_id=product_id, amount=price.amount, currency=price.currency, **new)


def _id(ref: str) -> UUID:
    try:
        return UUID(ref)
    except ValueError:
        raise NotFound("no_such_product", f"there is no product with the id {ref}") from None
