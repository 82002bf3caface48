"""Routes of shipments: staff pack and dispatch them, and note what became of them; customers follow theirs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.orders.controllers.shipments import schemas, views
from app.modules.orders.controllers.shipments.views import shipment_view
from app.modules.orders.domain.shipping.shipment import ShipmentStatus, Tracking
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipments.move_shipment import move_shipment
from app.modules.orders.use_cases.shipments.pack_shipment import pack_shipment
from app.modules.orders.use_cases.shipments.see_shipments import see_shipments
from app.ops.caller import caller
from app.web.auth import customer_id, is_staff, signed_in, staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.idempotency import claim_key, first_answer, same_answer
from app.web.operation import IDEMPOTENCY_KEY, operation

MOVES = {404: "no_such_order no_such_shipment", 409: "wrong_state"}


def shipments_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("shipments", "/orders/<uuid:order_id>/shipments", "Pack and dispatch orders")
    blp.add("", Shipments, transaction, reading)
    blp.add("/<uuid:shipment_id>/dispatch", Dispatch, transaction)
    blp.add("/<uuid:shipment_id>/delivered", Delivered, transaction)
    blp.add("/<uuid:shipment_id>/lost", Lost, transaction)
    blp.add("/<uuid:shipment_id>/unpack", Unpack, transaction)
    return blp


@dataclass(frozen=True)
class Shipments(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.ShipmentList)
    @operation("list_shipments", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> views.ShipmentList:
        """List the shipments of an order, and where each can be followed"""
        with self.reading() as uow:
            shipments = see_shipments(uow, order_id, customer_id(), is_staff())
        return views.ShipmentList([shipment_view(each) for each in shipments])

    @staff_only
    @arguments(schemas.PackShipment(), required=False)
    @answers(201, views.Shipment)
    @operation(
        "pack_shipment",
        IDEMPOTENCY_KEY,
        refusals={404: "no_such_order", 409: "not_paid nothing_left_to_pack too_many_shipments"},
    )
    def post(self, body: dict[str, Any], order_id: UUID) -> Answer[views.Shipment]:
        """Pack units of an order or, without lines, all that is left of it"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:
                return same_answer(claim, lambda: shipment_view(uow.shipments.of(order_id)[claim.resource_id]))
            units = schemas.units_of(body["lines"])
            shipment = pack_shipment(uow, claim.resource_id, order_id, units, caller())
            return first_answer(uow.claims, claim, shipment_view(shipment))


@dataclass(frozen=True)
class Dispatch(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.DispatchShipment())
    @answers(200, views.Shipment)
    @operation("dispatch_shipment", refusals={**MOVES, 409: "not_paid wrong_state"})
    def post(self, tracking: Tracking, order_id: UUID, shipment_id: UUID) -> views.Shipment:
        """Note that a shipment has left; from the first one on, the order can no longer be cancelled"""
        return _moved(self.transaction, order_id, shipment_id, ShipmentStatus.DISPATCHED, tracking)


@dataclass(frozen=True)
class Delivered(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Shipment)
    @operation("note_delivery", refusals=MOVES)
    def post(self, order_id: UUID, shipment_id: UUID) -> views.Shipment:
        """Note that a dispatched shipment has arrived"""
        return _moved(self.transaction, order_id, shipment_id, ShipmentStatus.DELIVERED)


@dataclass(frozen=True)
class Lost(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Shipment)
    @operation("note_loss", refusals=MOVES)
    def post(self, order_id: UUID, shipment_id: UUID) -> views.Shipment:
        """Note that a dispatched shipment was lost on its way"""
        return _moved(self.transaction, order_id, shipment_id, ShipmentStatus.LOST)


@dataclass(frozen=True)
class Unpack(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.Shipment)
    @operation("unpack_shipment", refusals=MOVES)
    def post(self, order_id: UUID, shipment_id: UUID) -> views.Shipment:
        """Unpack a shipment that has not left: its units can be packed again"""
        return _moved(self.transaction, order_id, shipment_id, ShipmentStatus.UNPACKED)


def _moved(
    transaction: Transaction[UnitOfWork],
    order_id: UUID,
    shipment_id: UUID,
    to: ShipmentStatus,
    tracking: Tracking | None = None,
) -> views.Shipment:
    with transaction() as uow:
        return shipment_view(move_shipment(uow, order_id, shipment_id, to, caller(), tracking))
