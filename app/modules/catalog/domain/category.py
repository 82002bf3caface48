"""The tree of categories."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import Conflict


@dataclass(eq=False, kw_only=True)
class Category:
    """A place on the shop's shelves; products refer to it by its slug, which never changes."""

    slug: str
    name: str
    parent: str | None = None
    version: int = 1

    def revise(self, name: str, parent: str | None, tree: Mapping[str, str | None]) -> None:
        """Be called something else, or hang elsewhere. Raises Conflict where it would hang under itself."""
        if parent is not None and parent in below(self.slug, tree):
            raise Conflict("category_cycle", f"{parent} is {self.slug} or below it: choose another parent")
        self.version += (self.name, self.parent) != (name, parent)
        self.name, self.parent = name, parent


def below(slug: str, tree: Mapping[str, str | None]) -> frozenset[str]:
    """A category and all that hang under it, given everyone's parent."""
    found = {slug}
    while more := {child for child, parent in tree.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def counts_with_branches(counts: Mapping[str, int], tree: Mapping[str, str | None]) -> list[tuple[str, int]]:
    """How many products each category and all below it have, given how many hang on each alone; the most first."""
    whole: Counter[str] = Counter()
    for slug, count in counts.items():
        seen = set[str]()
        at: str | None = slug
        while at is not None and at not in seen:
            seen.add(at)
            whole[at] += count
            at = tree.get(at)
    return sorted(whole.items(), key=lambda each: (-each[1], each[0]))
