"""Let something happen to an order: the only way in which its status changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.modules.orders.domain.life import Happening, Unmoved
from app.modules.orders.domain.order import Order, Patience, after
from app.modules.orders.ports import Work
from app.modules.orders.use_cases import news


def move_order(
    work: Work,
    order_id: UUID,
    happening: Happening,
    now: datetime,
    patience: Patience,
    module: str,
    reason: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> Order:
    """Do what the order's life says; write down who set it off (`module`) and what came of it; tell the others.

    Raises NotFound, Conflict(wrong_state) where this cannot happen, Stale.
    """
    order = work.orders.get(order_id)
    moved = after(order, happening, now, patience, reason)
    if moved is Unmoved.MOOT:
        work.timeline.note(order.id, module, happening, now, {**(detail or {}), "moot": True})
        return order
    work.timeline.note(order.id, module, happening, now, detail or {})
    if moved is Unmoved.NOTED:
        return work.orders.save(_renewed(order, happening, now, patience))

    saved = work.orders.save(moved)
    work.timeline.note(saved.id, "orders", saved.status, now, {"reason": reason} if reason else {})
    work.publish(news.changed(saved))
    return saved


def _renewed(order: Order, happening: Happening, now: datetime, patience: Patience) -> Order:
    """An attempt to pay renews the deadline; a missed one is noted once and not looked at again."""
    if happening is Happening.DEADLINE:
        return replace(order, deadline=None)
    return replace(order, deadline=patience.deadline(order.placed_at, now))
