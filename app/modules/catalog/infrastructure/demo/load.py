"""Loads demo data through the use cases; what exists already is left alone."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import click

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.infrastructure.demo.goods import CATEGORIES, Good, goods
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.add_category import AddCategory
from app.modules.catalog.use_cases.products.add_product import AddProduct
from app.modules.catalog.use_cases.stock.move_stock import ReceiveStock

BATCH = 25  # products per transaction
DEMO_NOTES = ["catalogue  Enamel mug, blue is MUG-BLUE-S; GET /api/v1/products?q=mug finds it"]


def load_demo(transaction: Transaction[UnitOfWork], reading: Transaction[Reading], index: Callable[[], None]) -> None:
    """Create twelve categories and about three hundred products with their stock; later runs add only what is missing.

    `index` rebuilds the search index.
    """
    everything = list(goods())
    with reading() as shop:
        products, categories = shop.slugs(), {each.slug for each in shop.categories()}
    missing = [each for each in everything if each.slug not in products]
    with transaction() as uow:
        for slug, name, parent in CATEGORIES:
            if slug not in categories:
                AddCategory(uow).execute(Category(slug=slug, name=name, parent=parent))
    if not missing:
        return
    now = clock.now()
    with click.progressbar(length=len(missing), label="Filling the catalogue") as bar:
        for start in range(0, len(missing), BATCH):
            batch = missing[start : start + BATCH]
            with transaction() as uow:
                _add(uow, batch, now - timedelta(minutes=start))
            bar.update(len(batch))
    index()  # so that the products can be searched at once; the jobs that index them later do no harm


def _add(uow: UnitOfWork, batch: Sequence[Good], newest: datetime) -> None:
    for index, good in enumerate(batch):
        product = Product(
            id=new_id(),
            slug=good.slug,
            name=good.name,
            description=good.description,
            category=good.category,
            attributes=good.attributes,
            created_at=newest - timedelta(minutes=index),
        )
        variants = [
            Variant(
                sku=form.sku,
                product_id=product.id,
                name=form.name,
                amount=form.cents,
                currency="EUR",
                attributes=form.attributes,
            )
            for form in good.forms
        ]
        AddProduct(uow).execute(product, variants)
        for form in good.forms:
            if form.on_hand:
                ReceiveStock(uow).execute(new_id(), form.sku, form.on_hand, "demo", "opening stock")
