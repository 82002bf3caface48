"""One order: its lines, its money, what happened to it in all modules, its shipments, and what can be done."""

from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

from marshmallow import fields, validate

from app.desk.charts import lanes
from app.desk.forms import Form, Input, Sent, counts, reason
from app.desk.language import spoken
from app.desk.pages import Pages, render
from app.desk.shown import money, words
from app.desk.versions import VERSION, expected
from app.kernel import links
from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.kernel.transaction import Transaction
from app.modules.orders.desk.orders.address import ADDRESS, address_values, change_contact
from app.modules.orders.desk.percentages import percent_text
from app.modules.orders.domain.orders.order import UNDONE, Order, RefundState
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.orders.timeline import TimelineEntry
from app.modules.orders.domain.orders.unit_refund import left_to_refund
from app.modules.orders.domain.shipping.packing import left_to_pack
from app.modules.orders.domain.shipping.shipment import Shipment, ShipmentStatus, Tracking
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.cancel_by_hand import cancel_by_hand
from app.modules.orders.use_cases.orders.change_record import change_record, get_record
from app.modules.orders.use_cases.orders.nudge_order import nudge_order
from app.modules.orders.use_cases.orders.refund_units import refund_units
from app.modules.orders.use_cases.orders.see_order import get_timeline, see_order
from app.modules.orders.use_cases.orders.see_tax import tax_lines_of
from app.modules.orders.use_cases.orders.write_off_refund import write_off
from app.modules.orders.use_cases.shipments.move_shipment import move_shipment
from app.modules.orders.use_cases.shipments.pack_shipment import pack_shipment
from app.ops.caller import caller
from app.web.auth import customer_id
from app.web.schemas import ExternalReference, Text

LANES = ("orders", "catalog", "payments")
AMOUNTS, CODES = {"amount", "discount", "disputed", "refunded"}, {"by", "code", "reason"}  # of the timeline
MAX_STOPS = 40  # of the picture; the table has all
URL = fields.String(
    load_default=None,
    validate=[validate.Length(max=links.MAX_URL_LENGTH), validate.Regexp(links.URL, error=links.BAD_URL)],
)
PACK = Form("pack", "Pack", "Packed.")
DISPATCH = Form(
    "dispatch",
    "Dispatch",
    "Dispatched.",
    (
        Input("carrier", "Carrier", Text(required=True, max_length=60)),
        Input("tracking_number", "Tracking number", Text(required=True, max_length=100)),
        Input("tracking_url", "Address to follow it at", URL),
    ),
)
REFUND = Form(
    "refund-units", "Refund units", "The refund was requested; the bank is told now.", (reason(),), danger=True
)
DELIVERED = Form("delivered", "It was delivered", "Noted as delivered.")
LOST = Form("lost", "It was lost", "Noted as lost.", danger=True)
UNPACK = Form("unpack", "Unpack", "Unpacked: its units can be packed again.")
CANCEL = Form("cancel", "Cancel the order", "The order was cancelled.", (reason(),), danger=True)
NUDGE = Form("nudge", "Nudge", "Every module was sent the state of this order again.", (reason(),))
WRITE_OFF = Form("write-off", "Write the refund off", "The failed refund was written off.", (reason(),), danger=True)
REFERENCE = Form(
    "reference",
    "Change the external reference",
    "The external reference was changed.",
    (Input("external_reference", "External reference", ExternalReference(load_default=None)), reason(), VERSION),
)
MOVES = {
    ShipmentStatus.PACKED: (DISPATCH, UNPACK),
    ShipmentStatus.DISPATCHED: (DELIVERED, LOST),
}


def add_order(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    view = partial(order_page, reading)
    pages.page("/<uuid:order_id>", "order", view)
    one = "/<uuid:order_id>"
    for form, run in (
        (PACK, pack),
        (REFUND, refund),
        (CANCEL, cancel),
        (NUDGE, nudge),
        (WRITE_OFF, write_off_now),
        (REFERENCE, change_reference),
        (ADDRESS, change_contact),
    ):
        pages.action(f"{one}/{form.name}", form, transaction, run, "order", view)
    for form, to in (
        (DISPATCH, ShipmentStatus.DISPATCHED),
        (DELIVERED, ShipmentStatus.DELIVERED),
        (LOST, ShipmentStatus.LOST),
        (UNPACK, ShipmentStatus.UNPACKED),
    ):
        move = partial(move_on, to)
        pages.action(f"{one}/shipments/<uuid:shipment_id>/{form.name}", form, transaction, move, "order", view)


def order_page(reading: Transaction[UnitOfWork], order_id: UUID, shipment_id: UUID | None = None) -> str:
    """`shipment_id`: of the form that was refused, if one was."""
    with reading() as uow:
        order = see_order(uow, order_id, customer_id(), True)
        timeline = get_timeline(uow, order)
        shipments = list(uow.shipments.of(order_id).values())
        contact, record = uow.contacts.of(order_id), get_record(uow, order_id)
        unhandled = uow.unhandled.about(order_id)
        refunds = uow.refunds.of(order_id)
        discounts, tax_lines = uow.promotions.discounts(order_id), tax_lines_of(uow, order)
        documents = [each for each in uow.documents.of(order_id) if each.number is not None]
    shown = timeline[-MAX_STOPS:]
    stops = [(each.module, words(each.what), f"{each.at:%H:%M:%S}") for each in shown]
    return render(
        "orders/order.html",
        order=order,
        refunded=Money(order.refunded, order.currency),
        timeline=[(each, _details(each, order.currency)) for each in timeline],
        picture=lanes(LANES, stops),
        shipments=shipments,
        moves=MOVES,
        contact=contact,
        record=record,
        unhandled=unhandled,
        documents=documents,
        discounts=[(each, Money(each.amount, order.currency)) for each in discounts],
        taxes=[(each, percent_text(each.ppm), *_amounts(each, order)) for each in tax_lines],
        refunds=[(each, Money(each.amount, order.currency)) for each in refunds],
        unrefunded=left_to_refund(order.lines) if order.status is Status.PAID and order.due.amount else {},
        refund=REFUND,
        left=left_to_pack(order.lines) if order.may_be_packed else {},
        forms=_possible(order, shipments),
        pack=PACK,
        address=ADDRESS,
        address_values=address_values(contact),
        reference=REFERENCE,
        stock_query="&".join(f"sku={quote(line.sku, safe='')}" for line in order.lines[:20]),
    )


def _amounts(line: TaxLine, order: Order) -> tuple[Money, Money]:
    return Money(line.base, order.currency), Money(line.amount, order.currency)


def _details(entry: TimelineEntry, currency: str) -> list[tuple[str, str]]:
    """What an entry of the timeline says besides: names and values, as people read them."""
    details = {name: value for name, value in entry.detail.items() if name != "currency" and value is not None}
    return [(name, _value(entry, name, value, currency)) for name, value in details.items()]


def _value(entry: TimelineEntry, name: str, value: object, currency: str) -> str:
    if name in AMOUNTS and isinstance(value, int):
        return money(Money(value, currency))
    if name in CODES and entry.what != "refund_written_off":  # whose reason is what a person wrote
        return words(value)
    if name == "short" and isinstance(value, list):
        return ", ".join(f"{each['sku']} {each['available']}/{each['wanted']}" for each in value)
    if name == "units" and isinstance(value, dict):
        return ", ".join(f"{units} × {sku}" for sku, units in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else spoken("yes") if value is True else str(value)


def _possible(order: Order, shipments: list[Shipment]) -> dict[str, Form]:
    """The forms that the order's state allows, by the end of their address."""
    possible = {"nudge": NUDGE}
    if order.status not in UNDONE and not order.is_dispatched:
        possible["cancel"] = CANCEL
    if order.refund is RefundState.FAILED and not order.written_off:
        possible["write-off"] = WRITE_OFF
    if order.status not in UNDONE and not any(line.packed for line in order.lines):
        possible["address"] = ADDRESS
    return possible


def pack(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    """Raises Conflict(nothing_left_to_pack) also for a form in which no unit was chosen."""
    units = counts(sent.raw, "unit:")
    if not units:
        raise Conflict("nothing_left_to_pack", "choose at least one unit to pack")
    pack_shipment(uow, sent.id, order_id, units, caller())


def refund(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    """Raises Conflict(nothing_to_refund) also for a form in which no unit was chosen."""
    units = counts(sent.raw, "refunded:")
    if not units:
        raise Conflict("nothing_to_refund", "choose at least one unit to refund")
    refund_units(uow, sent.id, order_id, units, caller(), sent.values["reason"])


def move_on(to: ShipmentStatus, uow: UnitOfWork, sent: Sent, order_id: UUID, shipment_id: UUID) -> None:
    values: dict[str, Any] = dict(sent.values)
    tracking = None
    if to is ShipmentStatus.DISPATCHED:
        tracking = Tracking(carrier=values["carrier"], number=values["tracking_number"], url=values["tracking_url"])
    move_shipment(uow, order_id, shipment_id, to, caller(), tracking)


def cancel(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    cancel_by_hand(uow, order_id, caller(), sent.values["reason"])


def nudge(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    nudge_order(uow, order_id, caller(), sent.values["reason"])


def write_off_now(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    write_off(uow, order_id, caller(), sent.values["reason"])


def change_reference(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    changes = {"external_reference": sent.values["external_reference"]}
    change_record(uow, order_id, changes, expected(sent), caller(), sent.values["reason"])
