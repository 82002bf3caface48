"""Rename a category or move it in the tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Stale
from app.kernel.expected import Expected
from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.require_category import require_category


@dataclass(frozen=True)
class ChangeCategory:
    """Rename or move a category. A job publishes the offers below it again. Its products need no reindexing: each
    search query lists the whole branch.

    Raises Stale if the new parent was added after the tree was read: it may be below this category.
    """

    uow: UnitOfWork

    def execute(self, slug: str, changes: Mapping[str, Any], expected: Expected) -> Category:
        tree = self.uow.categories.lock_tree()
        category = self.uow.categories.get(slug)
        expected.check(category.version)
        name, parent = changes.get("name", category.name), changes.get("parent", category.parent)
        require_category(self.uow, parent)
        if parent is not None and parent not in tree:
            raise Stale(f"{parent} was added while the tree was read: it may be below {slug}")
        if parent != category.parent:
            self.uow.enqueue_following()
        category.revise(name, parent, tree)
        return category
