"""Routes of stock: the level of a sku, its ledger, and the movements that staff record."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import current_app, request
from flask.views import MethodView

from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas, views
from app.modules.catalog.controllers.views import explanation_view, level_view, movement_view
from app.modules.catalog.domain.stock import Movement
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.stock.explain_stock import ExplainStock
from app.modules.catalog.use_cases.stock.move_stock import AdjustStock, ReceiveStock
from app.ops.caller import caller
from app.web.auth import identity_if_any, is_staff, staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.operation import IDEMPOTENCY_KEY, operation
from app.web.paging import PageArgs, id_after, page
from app.web.paths import target_is_known


def stock_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[Reading]) -> Blueprint:
    blp = Blueprint("stock", "/stock", "Stock on hand, held and sold")
    blp.before_request(partial(_take_a_whole_path_for_a_sku, reading))
    blp.add("/<sku:sku>", Stock, reading)
    blp.add("/<sku:sku>/movements", Movements, transaction, reading)
    blp.add("/<sku:sku>/explain", Explanation, reading)
    return blp


def _take_a_whole_path_for_a_sku(reading: Transaction[Reading]) -> None:
    """Route `/stock/A/movements` to the sku `A/movements` if that exists, instead of to the ledger of A.

    The two look the same only behind a server that does not pass on the raw request target.
    """
    end = {"stock.Movements": "movements", "stock.Explanation": "explain"}.get(request.endpoint or "")
    if end is None or request.method != "GET" or target_is_known():
        return
    whole = f"{(request.view_args or {})['sku']}/{end}"
    try:
        with reading() as shop:
            shop.level(whole)
    except NotFound:
        return
    request.url_rule = next(current_app.url_map.iter_rules("stock.Stock"))
    request.view_args = {"sku": whole}


@dataclass(frozen=True)
class Stock(MethodView):
    reading: Transaction[Reading]

    @answers(200, views.StockLevel)
    @operation("get_stock", refusals={404: "no_such_sku"}, token_optional=True)
    def get(self, sku: str) -> views.StockLevel:
        """Get the available stock of a SKU; staff also get the units on hand and held"""
        with self.reading() as shop:
            level = shop.level(sku)
        return level_view(level, with_counters=identity_if_any() is not None and is_staff())


@dataclass(frozen=True)
class Movements(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[Reading]

    @staff_only
    @arguments(PageArgs(), location="query")
    @answers(200, views.StockMovementList)
    @operation("list_stock_movements", refusals={404: "no_such_sku", 422: "bad_cursor"})
    def get(self, args: dict[str, Any], sku: str) -> Answer[views.StockMovementList]:
        """List the stock movements of a SKU, newest first"""
        before = id_after(args["cursor"])
        with self.reading() as shop:
            shop.level(sku)
            movements = shop.movements(sku, before, args["limit"] + 1)
        return page(movements, args["limit"], lambda each: [str(each.id)], _list)

    @staff_only
    @arguments(schemas.NewStockMovement())
    @answers(201, views.StockMovement)
    @operation(
        "create_stock_movement",
        IDEMPOTENCY_KEY,
        refusals={404: "no_such_sku", 409: "not_enough_stock", 422: "bad_quantity too_much_stock"},
    )
    def post(self, new: dict[str, Any], sku: str) -> Answer[views.StockMovement]:
        """Record goods that arrived, or a corrected count"""
        with self.transaction() as uow:
            reservation = claim_key(uow.claims)
            if reservation.earlier:
                return same_answer(reservation, lambda: movement_view(uow.stock.movement(reservation.resource_id)))
            move = ReceiveStock(uow) if new["kind"] == "received" else AdjustStock(uow)
            who = caller()
            movement = move.execute(reservation.resource_id, sku, new["quantity"], who, new["reason"])
            return first_answer(uow.claims, reservation, movement_view(movement))


@dataclass(frozen=True)
class Explanation(MethodView):
    reading: Transaction[Reading]

    @staff_only
    @answers(200, views.StockExplanation)
    @operation("explain_stock", refusals={404: "no_such_sku"})
    def get(self, sku: str) -> views.StockExplanation:
        """Explain where the stock of a SKU is: on hand, held by which orders, sold"""
        with self.reading() as shop:
            return explanation_view(ExplainStock(shop).execute(sku))


def _list(movements: list[Movement], following: str | None) -> views.StockMovementList:
    return views.StockMovementList([movement_view(each) for each in movements], following)
