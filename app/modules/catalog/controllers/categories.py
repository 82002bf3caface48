"""Routes of categories: reading the tree, and editing it."""

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas, views
from app.modules.catalog.controllers.views import category_view, tree_view
from app.modules.catalog.domain.category import Category
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.add_category import AddCategory
from app.modules.catalog.use_cases.categories.change_category import ChangeCategory
from app.modules.catalog.use_cases.categories.remove_category import RemoveCategory
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import etag_of, expected, public, tagged
from app.web.operation import ETAG, ETAG_OF_BODY, IF_MATCH, LOCATION, operation


def categories_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[Reading]) -> Blueprint:
    blp = Blueprint("categories", "/categories", "The tree of categories")
    blp.add("", Categories, transaction, reading)
    blp.add("/<slug>", OneCategory, transaction)
    return blp


@dataclass(frozen=True)
class Categories(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]

    @answers(200, views.CategoryTree, ETAG_OF_BODY)
    @operation("list_categories")
    def get(self) -> Answer[views.CategoryTree] | Response:
        """Get the whole tree of categories"""
        with self.reading() as shop:
            return public(Answer(tree_view(shop.categories())))

    @staff_only
    @arguments(schemas.NewCategory())
    @answers(201, views.Category, ETAG | LOCATION)
    @operation("create_category", refusals={409: "category_exists category_too_deep", 422: "unknown_category"})
    def post(self, new: dict[str, Any]) -> Answer[views.Category]:
        """Create a category"""
        with self.transaction() as uow:
            category = AddCategory(uow).execute(Category(**new))
        return _changed(category, Location=url_for("categories.OneCategory", slug=category.slug))


@dataclass(frozen=True)
class OneCategory(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Category, ETAG)
    @operation("get_category", refusals={404: "no_such_category"})
    def get(self, slug: str) -> Answer[views.Category] | Response:
        """Get a category, to change it"""
        with self.transaction() as uow:
            category = uow.categories.get(slug)
            return tagged(category_view(category), category.version)

    @staff_only
    @arguments(schemas.ChangedCategory())
    @answers(200, views.Category, ETAG)
    @operation(
        "update_category",
        IF_MATCH,
        refusals={404: "no_such_category", 409: "category_cycle category_too_deep", 422: "unknown_category"},
    )
    def patch(self, changes: dict[str, Any], slug: str) -> Answer[views.Category]:
        """Rename a category, or move it"""
        with self.transaction() as uow:
            return _changed(ChangeCategory(uow).execute(slug, changes, expected()))

    @staff_only
    @answers(204)
    @operation("delete_category", IF_MATCH, refusals={404: "no_such_category", 409: "category_in_use"})
    def delete(self, slug: str) -> None:
        """Delete an empty category"""
        with self.transaction() as uow:
            RemoveCategory(uow).execute(slug, expected())


def _changed(category: Category, **headers: str) -> Answer[views.Category]:
    return Answer(category_view(category), {"ETag": f'"{etag_of(category.version)}"', **headers})
