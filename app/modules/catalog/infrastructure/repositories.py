"""The repositories that use the ORM: products, variants and categories."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.constraints import refusing
from app.kernel.database import count_once_committed
from app.kernel.errors import Conflict, NotFound, Stale
from app.modules.catalog.domain.category import Category, path_of
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.slug import numbered, with_suffix
from app.modules.catalog.infrastructure.metrics import PRODUCTS
from app.modules.catalog.infrastructure.tables import categories, products, variants

TRIES = 3  # for a slug that other transactions take at the same time

TO_CHANGE = {"key_share": True}  # FOR NO KEY UPDATE: rows that refer to it may still be inserted
TO_REFER_TO = {"read": True, "key_share": True}  # FOR KEY SHARE: only prevents its removal


class SqlProducts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, product: Product) -> None:
        self._session.add(product)
        self.save(product)  # at once, since variants refer to it
        count_once_committed(self._session.connection(), PRODUCTS.inc)

    def add_numbered(self, product: Product) -> None:
        # an insert waits for another transaction that takes the same slug; the next attempt then takes the next number
        slug = product.slug
        for _ in range(TRIES):
            product.slug = self._free(slug, product.id)
            try:
                with self._session.begin_nested():
                    self._session.add(product)
                    self.save(product)
                break
            except Conflict as refused:
                if refused.code != "slug_taken":
                    raise
        else:
            product.slug = with_suffix(slug, product.id.hex[-12:])
        self.add(product)

    def _free(self, slug: str, id: UUID) -> str:
        candidates = list(numbered(slug))
        taken = set(self._session.execute(select(products.c.slug).where(products.c.slug.in_(candidates))).scalars())
        return next((each for each in candidates if each not in taken), with_suffix(slug, id.hex[-12:]))

    def lock_shared(self, id: UUID) -> Product:
        return self._known(id, self._session.get(Product, id, with_for_update={"read": True}))

    def lock(self, id: UUID) -> Product:
        return self._known(id, self._session.get(Product, id, with_for_update=TO_CHANGE))

    def get(self, id: UUID) -> Product:
        return self._known(id, self._session.get(Product, id))

    def _known(self, id: UUID, product: Product | None) -> Product:
        if product is None:
            raise NotFound("no_such_product", f"there is no product {id}")
        return product

    def save(self, product: Product) -> None:
        taken = Conflict("slug_taken", f"another product has the slug {product.slug}: choose another")
        with (
            refusing(taken, "products_slug_key", on_sqlite="UNIQUE constraint failed: products.slug"),
            _refusing_reference("product", product.external_reference),
        ):
            self._session.flush()


class SqlVariants:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, variant: Variant) -> None:
        taken = Conflict("sku_taken", f"the sku {variant.sku} exists already (case does not count): choose another")
        if self._session.get(Variant, variant.sku) is not None:
            raise taken
        self._session.add(variant)
        with (
            refusing(taken, "variants_pkey", on_sqlite="UNIQUE constraint failed: variants.sku"),
            refusing(taken, "variants_folded_sku", on_sqlite="UNIQUE constraint failed: variants.folded_sku"),
        ):
            self.save(variant)  # at once, since stock refers to it

    def save(self, variant: Variant) -> None:
        with _refusing_reference("variant", variant.external_reference):
            self._session.flush()

    def get(self, sku: str) -> Variant:
        return self._known(sku, self._session.get(Variant, sku))

    def lock(self, sku: str) -> Variant:
        return self._known(sku, self._session.get(Variant, sku, with_for_update=TO_CHANGE))

    def _known(self, sku: str, variant: Variant | None) -> Variant:
        if variant is None:
            raise NotFound("no_such_sku", f"there is no sku {sku}")
        return variant

    def of(self, product_id: UUID) -> Sequence[Variant]:
        statement = select(Variant).where(variants.c.product_id == product_id).order_by(variants.c.sku)
        return self._session.execute(statement).scalars().all()

    def after(self, sku: str, limit: int) -> Sequence[Variant]:
        statement = select(Variant).where(variants.c.sku > sku).order_by(variants.c.sku).limit(limit)
        return self._session.execute(statement).scalars().all()

    def misplaced(self, limit: int) -> Sequence[str]:
        # a path is compared with each category's, of which there are few
        rows = self._session.execute(select(categories.c.slug, categories.c.parent)).all()
        tree: dict[str, str | None] = {row.slug: row.parent for row in rows}
        found: list[str] = []
        for slug in [*sorted(tree), None]:
            of = products.c.category.is_(None) if slug is None else products.c.category == slug
            wrong = variants.c.category_path != path_of(slug, tree)
            query = select(variants.c.sku).join(products, products.c.id == variants.c.product_id).where(of, wrong)
            found += self._session.execute(query.order_by(variants.c.sku).limit(limit - len(found))).scalars()
            if len(found) == limit:
                break
        return found

    def on_sale_in_others(self, currency: str) -> Sequence[Variant]:
        statement = select(Variant).where(variants.c.currency != currency, variants.c.on_sale).order_by(variants.c.sku)
        return self._session.execute(statement).scalars().all()


class SqlCategories:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, category: Category) -> None:
        taken = Conflict("category_exists", f"the category {category.slug} exists already: choose another slug")
        if self._session.get(Category, category.slug) is not None:
            raise taken
        self._session.add(category)
        with refusing(taken, "categories_pkey", on_sqlite="UNIQUE constraint failed: categories.slug"):
            self._session.flush()

    def get(self, slug: str) -> Category:
        return self._known(slug, self._session.get(Category, slug))

    def lock_shared(self, slug: str) -> Category:
        return self._known(slug, self._session.get(Category, slug, with_for_update=TO_REFER_TO))

    def lock(self, slug: str) -> Category:
        return self._known(slug, self._session.get(Category, slug, with_for_update=True))

    def _known(self, slug: str, category: Category | None) -> Category:
        if category is None:
            raise NotFound("no_such_category", f"there is no category {slug}")
        return category

    def lock_tree(self) -> Mapping[str, str | None]:
        # always in the order of the slugs, so that two transactions cannot deadlock
        tree = select(Category).order_by(categories.c.slug).with_for_update(key_share=True)
        tree = tree.execution_options(populate_existing=True)
        return {each.slug: each.parent for each in self._session.execute(tree).scalars()}

    def path(self, slug: str | None) -> str:
        if slug is None:
            return ""
        every = select(categories.c.slug, categories.c.parent)
        seen = path_of(slug, {row.slug: row.parent for row in self._session.execute(every)}).split("/")
        # in the order of the slugs, as whoever moves one locks them
        locked = every.where(categories.c.slug.in_(seen)).order_by(categories.c.slug).with_for_update(read=True)
        tree = {row.slug: row.parent for row in self._session.execute(locked)}
        if path_of(slug, tree).split("/") != seen:
            raise Stale(f"a category above {slug} has moved")
        return "/".join(seen)

    def remove(self, category: Category) -> None:
        self._session.delete(category)
        used = Conflict("category_in_use", f"{category.slug} has products or categories in it: move those first")
        users = "products_category_fkey", "categories_parent_fkey"
        with refusing(used, *users, on_sqlite="FOREIGN KEY constraint failed"):
            self._session.flush()


def _refusing_reference(kind: str, reference: str | None) -> AbstractContextManager[None]:
    """Refuse an external reference that another row of this kind has."""
    taken = Conflict(
        "external_reference_taken", f"another {kind} has the external reference {reference}: choose another"
    )
    name = f"{kind}s_external_reference"
    return refusing(taken, name, on_sqlite=f"UNIQUE constraint failed: {kind}s.external_reference")
