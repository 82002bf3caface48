"""Stock: how many can be had; the ledger, and what changes it by hand."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.clock import rfc3339
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers import schemas
from app.modules.catalog.controllers.answers import answer
from app.modules.catalog.domain.stock import Movement
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.explain_stock import ExplainStock
from app.modules.catalog.use_cases.move_stock import AdjustStock, ReceiveStock
from app.web.auth import customer_id, identity_if_any, is_staff, staff_only
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.paging import PageArgs, after, page
from app.web.paths import target_is_known
from app.web.transaction import reading_of, transaction_of

blp = Blueprint("stock", __name__, url_prefix="/stock", description="What is on hand, held and sold")
transaction: Transaction[Work] = transaction_of("catalog")
reading: Transaction[Reading] = reading_of("catalog")


@blp.before_request
def _take_a_whole_path_for_a_sku() -> None:
    """Straight at a server that tells no target, a sku A/movements looks like the ledger of A: see which there is."""
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


@blp.route("/<sku:sku>")
class Stock(MethodView):
    @blp.response(200, schemas.Level())
    def get(self, sku: str) -> Response:
        """How many can be had; for staff, also what is on hand and held"""
        with reading() as shop:
            level = shop.level(sku)
        content = {"sku": sku, "available": level.available, "version": level.version}
        if identity_if_any() and is_staff():
            content |= {"on_hand": level.on_hand, "held": level.held}
        return answer(content)


@blp.route("/<sku:sku>/movements")
class Movements(MethodView):
    @staff_only
    @blp.arguments(PageArgs(), location="query")
    @blp.response(200, schemas.MovementList())
    def get(self, asked: dict[str, Any], sku: str) -> Response:
        """The ledger, the newest first"""
        before = _id(after(asked["cursor"], str))
        with reading() as shop:
            shop.level(sku)
            found = shop.movements(sku, before, asked["limit"] + 1)
        return page(found, asked["limit"], lambda each: [str(each.id)], _content)

    @staff_only
    @blp.arguments(schemas.NewMovement())
    @blp.response(201, schemas.Movement())
    @blp.doc(parameters=[{"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string"}}])
    def post(self, new: dict[str, Any], sku: str) -> Response:
        """Write down that goods came in, or that a count was wrong"""
        with transaction() as work:
            claim = claim_key(work)
            if claim.earlier:
                return same_answer(claim, lambda: _content(work.stock.movement(claim.resource_id)))
            move = ReceiveStock(work) if new["kind"] == "received" else AdjustStock(work)
            who = f"user:{customer_id()}"
            movement = move.execute(claim.resource_id, sku, new["quantity"], who, new["reason"])
            return first_answer(work, claim, _content(movement))


@blp.route("/<sku:sku>/explain")
class Explanation(MethodView):
    @staff_only
    @blp.response(200, schemas.Explanation())
    def get(self, sku: str) -> Response:
        """Where a sku's stock is: on hand, held by which orders, sold"""
        with reading() as shop:
            told = ExplainStock(shop).execute(sku)
        level = told.level
        return answer(
            {
                "sku": sku,
                "on_hand": level.on_hand,
                "held": level.held,
                "available": level.available,
                "sold": told.ledger.get("sold", 0) - told.ledger.get("returned", 0),
                "holds": [
                    {"order_id": str(each.order_id), "quantity": each.quantity, "since": rfc3339(each.held_at)}
                    for each in told.holds
                ],
                "ledger": told.ledger,
                "on_hand_by_ledger": told.on_hand_by_ledger,
                "agrees": told.agrees,
            }
        )


def _content(movement: Movement) -> dict[str, Any]:
    return {
        "id": str(movement.id),
        "sku": movement.sku,
        "kind": movement.kind,
        "quantity": movement.quantity,
        "order_id": str(movement.order_id) if movement.order_id else None,
        "who": movement.who,
        "reason": movement.why,
        "at": rfc3339(movement.at),
    }


def _id(key: list[Any] | None) -> UUID | None:
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is not one of ours: begin without one") from None
