"""The tree of categories."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import Conflict

MAX_PATH = 30  # categories from the top one down, so that an offer fits in its event, and the tree in one answer


@dataclass(eq=False, kw_only=True)
class Category:
    """A category of products. Products refer to it by its slug, which never changes."""

    slug: str
    name: str
    parent: str | None = None
    version: int = 1

    def revise(self, name: str, parent: str | None, tree: Mapping[str, str | None]) -> None:
        """Rename the category or move it under another parent. Raises Conflict(category_cycle) if the parent is the
        category itself or below it, and Conflict(category_too_deep). `tree`: the parent of each category, by slug."""
        if parent is not None and parent in below(self.slug, tree):
            raise Conflict("category_cycle", f"{parent} is {self.slug} or below it: choose another parent")
        if parent is not None and parent != self.parent:  # a tree from before there was a maximum may keep its depth
            refuse_too_deep(path_of(parent, tree), levels_of(self.slug, tree))
        self.version += (self.name, self.parent) != (name, parent)
        self.name, self.parent = name, parent


def path_of(slug: str | None, tree: Mapping[str, str | None]) -> str:
    """The slugs from the top category down to this one, joined by slashes; at most its nearest MAX_PATH."""
    path: list[str] = []
    while slug is not None and len(path) < MAX_PATH:
        path.append(slug)
        slug = tree.get(slug)
    return "/".join(reversed(path))


def below(slug: str, tree: Mapping[str, str | None]) -> frozenset[str]:
    """Return a category and all its descendants. `tree`: the parent of each category, by slug."""
    branch = {slug}
    while more := {child for child, parent in tree.items() if parent in branch} - branch:
        branch |= more
    return frozenset(branch)


def levels_of(slug: str, tree: Mapping[str, str | None]) -> int:
    """Return the number of categories from this one down to the lowest below it. `tree`: as that of `below`."""
    level, levels = {slug}, 0
    while level and levels <= MAX_PATH:
        level, levels = {child for child, parent in tree.items() if parent in level}, levels + 1
    return levels


def refuse_too_deep(path: str, levels: int = 1) -> None:
    """Raise Conflict(category_too_deep) for this many levels of categories below a path: slugs, joined by slashes."""
    if path.count("/") + 1 + levels > MAX_PATH:
        raise Conflict("category_too_deep", f"categories have at most {MAX_PATH} levels: choose a parent higher up")


def counts_with_branches(counts: Mapping[str, int], tree: Mapping[str, str | None]) -> list[tuple[str, int]]:
    """Return the number of products of each category including its descendants, highest first.

    `counts`: the number of products directly in each category. `tree`: the parent of each category, by slug.
    """
    totals: Counter[str] = Counter()
    for slug, count in counts.items():
        seen = set[str]()
        at: str | None = slug
        while at is not None and at not in seen:
            seen.add(at)
            totals[at] += count
            at = tree.get(at)
    return sorted(totals.items(), key=lambda each: (-each[1], each[0]))
