"""The tree of categories."""

from collections.abc import Sequence
from functools import partial

from app.desk.forms import Form, Input, Sent
from app.desk.pages import Pages, render
from app.desk.versions import VERSION, expected
from app.kernel.transaction import Transaction
from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.add_category import AddCategory
from app.modules.catalog.use_cases.categories.change_category import ChangeCategory
from app.modules.catalog.use_cases.categories.remove_category import RemoveCategory
from app.web.schemas import Slug, Text

NAME = Input("name", "Name", Text(required=True))
PARENT = Input("parent", "Below", Slug(load_default=None), hint="the slug of a category; empty: at the top")
NEW = Form(
    "new-category",
    "Add a category",
    "The category was added.",
    (Input("slug", "Slug, which never changes", Slug(required=True)), NAME, PARENT),
)
CHANGE = Form("change-category", "Save", "The category was saved.", (NAME, PARENT, VERSION))
REMOVE = Form("remove-category", "Remove", "The category was removed.", (VERSION,), danger=True)


def add_categories(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[Reading]) -> None:
    view = partial(categories_page, reading)
    pages.page("/categories", "categories", view)
    pages.action("/categories", NEW, transaction, new_category, "categories", view)
    pages.action("/categories/<slug>", CHANGE, transaction, change_category, "one-category", view)
    pages.action("/categories/<slug>/remove", REMOVE, transaction, remove_category, "one-category", view)
    pages.page("/categories/<slug>", "one-category", view)


def categories_page(reading: Transaction[Reading], slug: str | None = None) -> str:
    """`slug`: of the category that was changed, if one was."""
    with reading() as shop:
        found = shop.categories()
    return render("catalog/categories.html", rows=_tree(found), new=NEW, change=CHANGE, remove=REMOVE)


def new_category(uow: UnitOfWork, sent: Sent) -> None:
    given = sent.values
    AddCategory(uow).execute(Category(slug=given["slug"], name=given["name"], parent=given["parent"]))


def change_category(uow: UnitOfWork, sent: Sent, slug: str) -> None:
    changes = {"name": sent.values["name"], "parent": sent.values["parent"]}
    ChangeCategory(uow).execute(slug, changes, expected(sent))


def remove_category(uow: UnitOfWork, sent: Sent, slug: str) -> None:
    RemoveCategory(uow).execute(slug, expected(sent))


def _tree(found: Sequence[Category]) -> list[tuple[int, Category]]:
    """Each category after its parent, with its depth."""
    below: dict[str | None, list[Category]] = {}
    for each in found:
        below.setdefault(each.parent, []).append(each)
    rows, open_ones = [], [(0, each) for each in reversed(below.get(None, []))]
    while open_ones:
        depth, category = open_ones.pop()
        rows.append((depth, category))
        open_ones += [(depth + 1, each) for each in reversed(below.get(category.slug, []))]
    return rows
