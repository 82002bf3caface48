"""Add a category."""

from dataclasses import dataclass

from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.categories.known_category import known_category


@dataclass(frozen=True)
class AddCategory:
    """Make a new place on the shelves, at the top or under another."""

    work: Work

    def execute(self, category: Category) -> Category:
        known_category(self.work, category.parent)
        self.work.categories.add(category)
        return category
