"""Remove a category."""

from dataclasses import dataclass

from app.modules.catalog.ports import Work


@dataclass(frozen=True)
class RemoveCategory:
    """Take an empty category out of the tree; refused while products or categories are in it."""

    work: Work

    def execute(self, slug: str) -> None:
        self.work.categories.remove(self.work.categories.get(slug))
