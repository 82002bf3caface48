"""Categories: the tree, and its editing."""

from typing import Any

from flask import Response, url_for
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas
from app.modules.catalog.controllers.answers import answer
from app.modules.catalog.domain.category import Category, nested
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.add_category import AddCategory
from app.modules.catalog.use_cases.change_category import ChangeCategory
from app.modules.catalog.use_cases.remove_category import RemoveCategory
from app.web.auth import staff_only
from app.web.etags import expected, tagged
from app.web.transaction import reading_of, transaction_of

blp = Blueprint("categories", __name__, url_prefix="/categories", description="The tree of categories")
transaction: Transaction[Work] = transaction_of("catalog")
reading: Transaction[Reading] = reading_of("catalog")


@blp.route("")
class Categories(MethodView):
    @blp.response(200, schemas.Tree())
    def get(self) -> Response:
        """The whole tree"""
        with reading() as shop:
            return answer({"items": nested(shop.categories())})

    @staff_only
    @blp.arguments(schemas.NewCategory())
    @blp.response(201, schemas.Category())
    def post(self, new: dict[str, Any]) -> Response:
        """Add a category"""
        with transaction() as work:
            category = AddCategory(work).execute(Category(**new))
        response = _shown(category, 201)
        response.location = url_for("categories.OneCategory", slug=category.slug)
        return response


@blp.route("/<slug>")
class OneCategory(MethodView):
    @staff_only
    @blp.response(200, schemas.Category())
    def get(self, slug: str) -> Response:
        """One category, to be changed"""
        with transaction() as work:
            return _shown(work.categories.get(slug))

    @staff_only
    @blp.arguments(schemas.ChangedCategory())
    @blp.response(200, schemas.Category())
    def patch(self, changes: dict[str, Any], slug: str) -> Response:
        """Rename a category, or move it"""
        with transaction() as work:
            return _shown(ChangeCategory(work).execute(slug, changes, expected()))

    @staff_only
    @blp.response(204)
    def delete(self, slug: str) -> None:
        """Remove an empty category"""
        with transaction() as work:
            RemoveCategory(work).execute(slug, expected())


def _shown(category: Category, status: int = 200) -> Response:
    content = {"slug": category.slug, "name": category.name, "parent": category.parent, "version": category.version}
    return tagged(answer(content, status), category.version)
