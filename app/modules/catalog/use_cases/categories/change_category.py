"""Rename a category, or hang it elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Stale
from app.kernel.expected import Expected
from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.categories.known_category import known_category


@dataclass(frozen=True)
class ChangeCategory:
    """Edit a category. Its products move with it, and search is told the branch with each question."""

    work: Work

    def execute(self, slug: str, changes: Mapping[str, Any], expected: Expected) -> Category:
        tree = self.work.categories.hold_tree()
        category = self.work.categories.get(slug)
        expected.check(category.version)
        name, parent = changes.get("name", category.name), changes.get("parent", category.parent)
        known_category(self.work, parent)
        if parent is not None and parent not in tree:
            raise Stale(f"{parent} was added while the tree was read: it may hang below {slug}")
        category.revise(name, parent, tree)
        return category
