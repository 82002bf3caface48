"""Orders as JSON. Plain dicts: this is read far more often than it is written."""

from typing import Any

from app.kernel.clock import rfc3339
from app.kernel.money import Money
from app.modules.orders.domain.order import Order


def order_json(order: Order) -> dict[str, Any]:
    """One order, whole."""
    totals = order.totals
    return {
        "id": str(order.id),
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
        "placed_at": rfc3339(order.placed_at),
        "deadline": rfc3339(order.deadline) if order.deadline else None,
        "version": order.version,
    }


def _money(money: Money) -> dict[str, Any]:
    return {"amount": money.amount, "currency": money.currency}
