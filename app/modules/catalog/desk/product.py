"""One product: its texts, its media, its variants with their prices, and whether they are on sale."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from flask import g
from marshmallow import fields

from app.desk.amounts import amount_of, typed
from app.desk.forms import Form, Input, Sent
from app.desk.pages import Pages, render
from app.desk.versions import VERSION, expected
from app.kernel.transaction import Transaction
from app.modules.catalog.desk.media_texts import MEDIA_LIKE, media_of, media_text
from app.modules.catalog.desk.products import CATEGORY, CURRENCY, PRICE
from app.modules.catalog.domain.media import refuse_other_origins
from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.reading import Reading, VariantOnPage
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.add_variant import AddVariant
from app.modules.catalog.use_cases.products.change_product import ChangeProduct
from app.modules.catalog.use_cases.products.change_variant import ChangeVariant
from app.web.schemas import QueryInteger, Sku, Slug, Text

ON_SALE = Input("on_sale", "On sale", fields.Boolean(), "flag")
VARIANT = (
    Input("name", "Name of the variant", Text(max_length=200, min_length=0, load_default="")),
    PRICE,
    Input("weight_g", "Weight in grams", QueryInteger(maximum=1_000_000, load_default=0), "number"),
    Input("tax_category", "Tax category", Slug(load_default=None), hint="one that orders does not know is standard"),
    Input("ships", "Has to be sent", fields.Boolean(), "flag"),
    ON_SALE,
)
LINES = Text(max_length=65_000, min_length=0, lines=True, load_default="")
CHANGE = Form(
    "change-product",
    "Save the product",
    "The product was saved.",
    (
        Input("name", "Name", Text(required=True)),
        Input("description", "Description", LINES, "lines"),
        CATEGORY,
        Input("media", "Pictures, one on each line", LINES, "lines", hint=MEDIA_LIKE),
        ON_SALE,
        VERSION,
    ),
)
NEW_VARIANT = Form(
    "new-variant",
    "Add a variant",
    "The variant was added.",
    (Input("sku", "SKU", Sku(required=True)), *VARIANT, CURRENCY),
)
CHANGE_VARIANT = Form("change-variant", "Save the variant", "The variant was saved.", (*VARIANT, VERSION))


def add_product_pages(
    pages: Pages,
    transaction: Transaction[UnitOfWork],
    reading: Transaction[Reading],
    origins: Collection[str],
    currency: str,
) -> None:
    view = partial(product_page, reading, origins, currency)
    one = "/products/<uuid:product_id>"
    pages.page(one, "product", view)
    pages.action(one, CHANGE, transaction, partial(change, origins), "product", view)
    pages.action(f"{one}/variants", NEW_VARIANT, transaction, new_variant, "product", view)
    pages.page(f"{one}/variants/<sku:sku>", "variant", view)
    pages.action(f"{one}/variants/<sku:sku>", CHANGE_VARIANT, transaction, change_variant, "variant", view)


def product_page(
    reading: Transaction[Reading], origins: Collection[str], currency: str, product_id: UUID, sku: str | None = None
) -> str:
    """`sku`: of the variant whose form was refused, if one was."""
    with reading() as shop:
        product = shop.product(str(product_id))
    g.desk_images = tuple(origins)
    return render(
        "catalog/product.html",
        product=product,
        attributes=msgspec.json.decode(product.attributes),
        shows_images=bool(origins),
        values={**product._asdict(), "media": media_text(product.media)},
        values_of={each.sku: _values(each) for each in product.variants},
        change=CHANGE,
        new_variant=NEW_VARIANT,
        new_values={"ships": "on", "on_sale": "on", "currency": currency or _currency(product.variants)},
        change_variant=CHANGE_VARIANT,
    )


def change(origins: Collection[str], uow: UnitOfWork, sent: Sent, product_id: UUID) -> None:
    changes: dict[str, Any] = {name: sent.values[name] for name in ("name", "description", "category", "on_sale")}
    changes["media"] = media_of(sent.values["media"], uow.products.get(product_id).media)
    refuse_other_origins(changes["media"], origins)
    ChangeProduct(uow).execute(product_id, changes, expected(sent))


def new_variant(uow: UnitOfWork, sent: Sent, product_id: UUID) -> None:
    given = dict(sent.values)
    price = amount_of(given.pop("price"), given.pop("currency"))
    given["tax_category"] = given["tax_category"] or "standard"
    AddVariant(uow).execute(Variant(product_id=product_id, amount=price.amount, currency=price.currency, **given))


def change_variant(uow: UnitOfWork, sent: Sent, product_id: UUID, sku: str) -> None:
    changes = {name: sent.values[name] for name in ("name", "weight_g", "ships", "on_sale")}
    if sent.values["tax_category"]:  # left empty: as it is
        changes["tax_category"] = sent.values["tax_category"]
    price = amount_of(sent.values["price"], uow.variants.get(sku).currency)
    ChangeVariant(uow).execute(product_id, sku, changes, expected(sent), price)


def _currency(variants: Sequence[VariantOnPage]) -> str:
    return variants[0].price.currency if variants else ""


def _values(variant: VariantOnPage) -> dict[str, Any]:
    return {**variant._asdict(), "price": typed(variant.price)}
