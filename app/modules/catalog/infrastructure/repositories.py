"""What people edit, by the ORM: products, variants, categories; and orders' claims on stock."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.constraints import refusing
from app.kernel.database import count_once_committed
from app.kernel.errors import Conflict, NotFound
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.slug import ended, numbered
from app.modules.catalog.domain.stock import Reservation
from app.modules.catalog.infrastructure.metrics import PRODUCTS
from app.modules.catalog.infrastructure.tables import categories, products, variants

TRIES = 3  # for a slug that others take at the same moment

TO_CHANGE = {"key_share": True}  # not locked against those that only refer to it
TO_REFER_TO = {"read": True, "key_share": True}  # locked only against its removal


class SqlProducts:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, product: Product) -> None:
        """Keep a new product; written at once, since variants refer to it."""
        self._session.add(product)
        self.save(product)
        count_once_committed(self._session.connection(), PRODUCTS.inc)

    def add_numbered(self, product: Product) -> None:
        """Whoever takes the same slug at the same moment is waited for; after that the next number is free."""
        slug = product.slug
        for _ in range(TRIES):
            product.slug = self._free(slug, product.id)
            try:
                with self._session.begin_nested():
                    self._session.add(product)
                    self.save(product)
                break
            except Conflict:
                continue
        else:
            product.slug = ended(slug, product.id.hex[-12:])
        self.add(product)

    def _free(self, slug: str, id: UUID) -> str:
        wanted = list(numbered(slug))
        taken = set(self._session.execute(select(products.c.slug).where(products.c.slug.in_(wanted))).scalars())
        return next((each for each in wanted if each not in taken), ended(slug, id.hex[-12:]))

    def lock_shared(self, id: UUID) -> Product:
        """Get it under a shared lock."""
        return self._known(id, self._session.get(Product, id, with_for_update={"read": True}))

    def lock(self, id: UUID) -> Product:
        """Get it under a lock."""
        return self._known(id, self._session.get(Product, id, with_for_update=TO_CHANGE))

    def get(self, id: UUID) -> Product:
        """Raises NotFound(no_such_product)."""
        return self._known(id, self._session.get(Product, id))

    def _known(self, id: UUID, product: Product | None) -> Product:
        if product is None:
            raise NotFound("no_such_product", f"there is no product {id}")
        return product

    def save(self, product: Product) -> None:
        taken = Conflict("slug_taken", f"another product has the slug {product.slug}: choose another")
        with refusing(taken, "products_slug_key", on_sqlite="UNIQUE constraint failed: products.slug"):
            self._session.flush()


class SqlVariants:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, variant: Variant) -> None:
        """Keep a new variant; written at once, since stock refers to it."""
        taken = Conflict("sku_taken", f"there is a sku {variant.sku} already, whatever its case: choose another")
        if self._session.get(Variant, variant.sku) is not None:
            raise taken
        self._session.add(variant)
        with (
            refusing(taken, "variants_pkey", on_sqlite="UNIQUE constraint failed: variants.sku"),
            refusing(taken, "variants_folded_sku", on_sqlite="UNIQUE constraint failed: variants.folded_sku"),
        ):
            self._session.flush()

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""
        return self._known(sku, self._session.get(Variant, sku))

    def lock(self, sku: str) -> Variant:
        """Get it under a lock."""
        return self._known(sku, self._session.get(Variant, sku, with_for_update=TO_CHANGE))

    def _known(self, sku: str, variant: Variant | None) -> Variant:
        if variant is None:
            raise NotFound("no_such_sku", f"there is no sku {sku}")
        return variant

    def of(self, product_id: UUID) -> Sequence[Variant]:
        """A product's, by sku."""
        mine = select(Variant).where(variants.c.product_id == product_id).order_by(variants.c.sku)
        return self._session.execute(mine).scalars().all()

    def after(self, sku: str, limit: int) -> Sequence[Variant]:
        """The next so many by sku."""
        following = select(Variant).where(variants.c.sku > sku).order_by(variants.c.sku).limit(limit)
        return self._session.execute(following).scalars().all()

    def on_sale_in_others(self, currency: str) -> Sequence[Variant]:
        these = select(Variant).where(variants.c.currency != currency, variants.c.on_sale).order_by(variants.c.sku)
        return self._session.execute(these).scalars().all()


class SqlCategories:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, category: Category) -> None:
        """Keep a new category."""
        taken = Conflict("category_exists", f"there is a category {category.slug} already: choose another slug")
        if self._session.get(Category, category.slug) is not None:
            raise taken
        self._session.add(category)
        with refusing(taken, "categories_pkey", on_sqlite="UNIQUE constraint failed: categories.slug"):
            self._session.flush()

    def get(self, slug: str) -> Category:
        """Raises NotFound(no_such_category)."""
        return self._known(slug, self._session.get(Category, slug))

    def lock_shared(self, slug: str) -> Category:
        """Get it under a lock that others may share, and that keeps no name or place from changing."""
        return self._known(slug, self._session.get(Category, slug, with_for_update=TO_REFER_TO))

    def lock(self, slug: str) -> Category:
        """Get it under a lock."""
        return self._known(slug, self._session.get(Category, slug, with_for_update=True))

    def _known(self, slug: str, category: Category | None) -> Category:
        if category is None:
            raise NotFound("no_such_category", f"there is no category {slug}")
        return category

    def lock_tree(self) -> Mapping[str, str | None]:
        """Everyone's parent; their rows are locked, in one order."""
        whole = select(Category).order_by(categories.c.slug).with_for_update(key_share=True)
        whole = whole.execution_options(populate_existing=True)
        return {each.slug: each.parent for each in self._session.execute(whole).scalars()}

    def remove(self, category: Category) -> None:
        """Forget it, unless something refers to it."""
        self._session.delete(category)
        used = Conflict("category_in_use", f"{category.slug} has products or categories in it: move those first")
        users = "products_category_fkey", "categories_parent_fkey"
        with refusing(used, *users, on_sqlite="FOREIGN KEY constraint failed"):
            self._session.flush()


class SqlReservations:
    """Orders' claims on stock."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, reservation: Reservation) -> None:
        """Keep a new claim; written at once, so that it is found in the same transaction."""
        self._session.add(reservation)
        self._session.flush()

    def of(self, order_id: UUID) -> Reservation:
        """Raises NotFound(no_such_reservation)."""
        reservation = self.find(order_id)
        if reservation is None:
            raise NotFound("no_such_reservation", f"order {order_id} has no claim on stock")
        return reservation

    def find(self, order_id: UUID) -> Reservation | None:
        """None where it has no claim."""
        return self._session.get(Reservation, order_id)
