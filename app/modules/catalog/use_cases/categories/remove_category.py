"""Remove a category."""

from dataclasses import dataclass

from app.kernel.expected import Expected
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class RemoveCategory:
    """Take an empty category out of the tree; refused while products or categories are in it."""

    work: Work

    def execute(self, slug: str, expected: Expected) -> None:
        category = self.work.categories.lock(slug)
        expected.check(category.version)
        self.work.categories.remove(category)
