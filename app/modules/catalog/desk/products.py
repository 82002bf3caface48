"""The list of products: all of them, or those on sale that match some words."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import request
from marshmallow.validate import Regexp

from app.desk.amounts import amount_of
from app.desk.forms import Form, Input, Sent, read
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel import clock
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.search import Cursor, Document, Hit, Query, Sort
from app.modules.catalog.domain.slug import slug_of
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.add_product import AddProduct
from app.web.paging import after, bad_cursor, id_after
from app.web.schemas import MAX_REFERENCE_LENGTH, Sku, Slug, Text

MAX_RANK = 2**53  # above every rank, and what each kind of search can compare
WORDS = (
    Input("q", "Words in the name or description", Text(max_length=200)),
    Input("reference", "Or the external reference", Text(max_length=MAX_REFERENCE_LENGTH)),
)
PRICE = Input("price", "Price", Text(required=True, max_length=20), hint="such as 12.50")
CURRENCY = Input(
    "currency", "Currency", Text(required=True, validate=[Regexp(r"^[A-Z]{3}\Z", error="Write a code such as EUR.")])
)
CATEGORY = Input("category", "Category", Slug(load_default=None), hint="the slug of a category, or empty")
NEW_PRODUCT = Form(
    "new-product",
    "Add a product",
    "The product was added.",
    (
        Input("name", "Name", Text(required=True)),
        Input(
            "description", "Description", Text(max_length=65_000, min_length=0, lines=True, load_default=""), "lines"
        ),
        CATEGORY,
        Input("sku", "SKU of its first variant", Sku(required=True)),
        PRICE,
        CURRENCY,
    ),
)


def add_products(
    pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[Reading], search: Search, currency: str
) -> None:
    view = partial(products_page, reading, search, currency)
    pages.page("", "products", view)
    pages.action("/products", NEW_PRODUCT, transaction, new_product, "products", view)


def products_page(reading: Transaction[Reading], search: Search, currency: str) -> str:
    """`currency`: of the shop, if it has one."""
    wanted = read(WORDS, request.args)
    rows: Sequence[dict[str, Any]]
    if wanted["reference"]:  # of the product, or of one of its variants
        with reading() as shop:
            rows = [of_document(shop.document(each.id)) for each in shop.records_with(wanted["reference"])]
        following = None
    elif wanted["q"]:
        start = _position(request.args.get("cursor"))
        result = search.find(Query(words=wanted["q"], sort=Sort.RELEVANCE, limit=PER_PAGE, after=start))
        hits, following = paged(result.hits, lambda hit: list(hit.cursor))
        rows = [of_hit(hit) for hit in hits]
    else:
        with reading() as shop:
            found = shop.documents(id_after(request.args.get("cursor")), PER_PAGE + 1)
        documents, following = paged(found, lambda document: [document.id])
        rows = [of_document(document) for document in documents]
    return render(
        "catalog/products.html",
        rows=rows,
        next=following,
        inputs=WORDS,
        wanted=wanted,
        form=NEW_PRODUCT,
        values={"currency": currency},
    )


def _position(cursor: str | None) -> Cursor | None:
    """Raises Invalid(bad_cursor)."""
    key = after(cursor, int, str)
    if key and abs(key[0]) > MAX_RANK:
        raise bad_cursor()
    return (key[0], key[1]) if key else None


def new_product(uow: UnitOfWork, sent: Sent) -> None:
    """The slug is made of the name. Raises Invalid(bad_amount), and what AddProduct raises."""
    given, id = sent.values, sent.id
    price = amount_of(given["price"], given["currency"])
    product = Product(
        id=id,
        slug=slug_of([given["name"], given["sku"]], id),
        name=given["name"],
        description=given["description"],
        category=given["category"],
        created_at=clock.now(),
    )
    variant = Variant(product_id=id, sku=given["sku"], amount=price.amount, currency=price.currency)
    AddProduct(uow).execute(product, [variant], slug_was_requested=False)


def of_hit(hit: Hit) -> dict[str, Any]:
    return {"ref": hit.id, "name": hit.name, "category": hit.category, "price": hit.price, "in_stock": hit.in_stock}


def of_document(each: Document) -> dict[str, Any]:
    price = Money(each.price, each.currency) if each.variants else None
    return {
        "ref": each.id,
        "name": each.name,
        "category": each.category,
        "price": price,
        "in_stock": each.in_stock,
        "off_sale": not each.on_sale,
    }
