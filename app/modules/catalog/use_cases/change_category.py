"""Rename a category, or hang it elsewhere."""

from dataclasses import dataclass

from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports import Work
from app.modules.catalog.use_cases.known_category import known_category


@dataclass(frozen=True)
class ChangeCategory:
    """Edit a category. Its products move with it, and search is told the branch with each question."""

    work: Work

    def execute(self, slug: str, name: str, parent: str | None) -> Category:
        tree = self.work.categories.hold_tree()
        category = self.work.categories.get(slug)
        known_category(self.work, parent)
        category.revise(name, parent, tree)
        return category
