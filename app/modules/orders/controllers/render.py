"""Orders and carts as JSON. Plain dicts: these are read far more often than they are written."""

from typing import Any

from app.kernel.clock import rfc3339
from app.kernel.money import Money
from app.modules.orders.domain.order import Order
from app.modules.orders.domain.priced_cart import Priced
from app.modules.orders.domain.story import Note
from app.modules.orders.use_cases.list_stuck import Stuck


def order_json(order: Order) -> dict[str, Any]:
    """One order, whole."""
    totals = order.totals
    return {
        "id": str(order.id),
        "customer_id": str(order.customer_id),
        "status": order.status,
        "reason": order.reason,
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": _money(line.unit_price),
            }
            for line in order.lines
        ],
        "totals": {
            "items": _money(totals.items),
            "shipping": _money(totals.shipping),
            "tax": _money(totals.tax),
            "discount": _money(totals.discount),
            "total": _money(totals.total),
        },
        "refunded": _money(Money(order.refunded, order.currency)),
        "refund": order.refund,
        "disputed": _money(Money(order.disputed, order.currency)),
        "placed_at": rfc3339(order.placed_at),
        "deadline": rfc3339(order.deadline) if order.deadline else None,
        "version": order.version,
    }


def note_json(note: Note) -> dict[str, Any]:
    """One thing that happened."""
    return {
        "at": rfc3339(note.at),
        "module": note.module,
        "what": note.what,
        "detail": note.detail,
        "request_id": note.request_id,
        "trace_id": note.trace_id,
    }


def stuck_json(stuck: Stuck) -> dict[str, Any]:
    """One order that does not move."""
    return {
        "order_id": stuck.order_id,
        "status": stuck.status,
        "since": rfc3339(stuck.since),
        "waits_for": stuck.waits_for,
        "advice": stuck.advice,
    }


def cart_json(priced: Priced) -> dict[str, Any]:
    """A cart at the prices of now."""
    return {
        "lines": [
            {
                "sku": line.sku,
                "name": line.offer.name if line.offer else line.sku,
                "quantity": line.quantity,
                "unit_price": _money(line.offer.price) if line.offer else None,
                "on_sale": bool(line.offer and line.offer.on_sale),
                "available": line.offer.available if line.offer else None,
            }
            for line in priced.lines
        ],
        "problems": [{"code": each.code, "detail": each.detail, "sku": each.sku} for each in priced.problems],
        "total": _money(priced.total) if priced.total else None,
        "order_id": str(priced.cart.order_id) if priced.cart.order_id else None,
    }


def _money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}
