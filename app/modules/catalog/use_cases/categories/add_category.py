"""Add a category."""

from dataclasses import dataclass

from app.modules.catalog.domain.category import Category, refuse_too_deep
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.require_category import require_category


@dataclass(frozen=True)
class AddCategory:
    """Add a category at the top level or below another.

    Raises Conflict(category_exists, category_too_deep), Invalid(unknown_category).
    """

    uow: UnitOfWork

    def execute(self, category: Category) -> Category:
        require_category(self.uow, category.parent)
        if category.parent is not None:
            refuse_too_deep(self.uow.categories.path(category.parent))
        self.uow.categories.add(category)
        return category
