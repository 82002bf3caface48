"""Remove a category."""

from dataclasses import dataclass

from app.kernel.expected import Expected
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class RemoveCategory:
    """Remove an empty category. Raises Conflict(category_in_use) while products or categories are in it."""

    uow: UnitOfWork

    def execute(self, slug: str, expected: Expected) -> None:
        category = self.uow.categories.lock(slug)
        expected.check(category.version)
        self.uow.categories.remove(category)
