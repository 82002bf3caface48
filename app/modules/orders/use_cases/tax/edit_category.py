"""Add or remove a tax category. The trail has who did it and why."""

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.tax.rules import PROPORTIONAL, STANDARD
from app.modules.orders.domain.tax.setting import Category
from app.modules.orders.ports import UnitOfWork


def add_category(uow: UnitOfWork, category: Category, who: str, why: str) -> Category:
    """Raises Conflict(tax_category_exists, too_many_tax_categories)."""
    if category.slug == PROPORTIONAL:
        sentence = f"{PROPORTIONAL} has a meaning for shipping methods: choose another slug"
        raise Conflict("tax_category_exists", sentence)
    uow.tax.lock()
    uow.trail.record(who, "add tax category", category.slug, why)
    uow.tax.add_category(category)
    return category


def remove_category(uow: UnitOfWork, slug: str, who: str, why: str) -> None:
    """Raises NotFound(no_such_tax_category), Conflict(tax_category_in_use)."""
    if slug == STANDARD:
        raise Conflict("tax_category_in_use", "everything that names no other category is standard")
    uow.tax.lock()
    uow.trail.record(who, "remove tax category", slug, why)
    uow.tax.remove_category(slug)


def refuse_unknown_category(uow: UnitOfWork, slug: str) -> None:
    """Raises Invalid(unknown_tax_category)."""
    if slug not in {each.slug for each in uow.tax.categories()}:
        raise Invalid("unknown_tax_category", f"there is no tax category {slug}: add it first")
