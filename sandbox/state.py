"""All that has happened, for tests: of all orders, or of one."""

import json
from collections import Counter
from typing import Any

from .refusals import Record
from .store import Rows

OF_ORDER = "intent IN (SELECT id FROM metadata WHERE key = 'order_id' AND value = ?)"


def state(rows: Rows, order_id: str | None = None) -> Record:
    """Return all objects, oldest first, and their sums by order, which is the intent's metadata `order_id`.

    `authorized` is the sum of all that banks ever approved; money that was authorised and released is part of it, and
    of no other sum.
    """
    intents = _objects(rows, "payment_intent", order_id)
    charges = _objects(rows, "charge", order_id)
    refunds = _objects(rows, "refund", order_id)
    orders = {intent["id"]: intent["metadata"]["order_id"] for intent in intents if "order_id" in intent["metadata"]}
    sums = {order: {"authorized": 0, "captured": 0, "refunded": 0} for order in orders.values()}
    captures: Counter[str] = Counter()
    for charge in charges:
        if (order := orders.get(charge["payment_intent"])) and charge["status"] == "succeeded":
            sums[order]["authorized"] += charge["amount"]
            sums[order]["captured"] += charge["amount_captured"]
            captures[order] += charge["captured"]
    for refund in refunds:
        if (order := orders.get(refund["payment_intent"])) and refund["status"] not in ("failed", "canceled"):
            sums[order]["refunded"] += refund["amount"]
    return {
        "intents": intents,
        "charges": charges,
        "refunds": refunds,
        "disputes": _objects(rows, "dispute", order_id),
        "tax_transactions": _tax(rows, order_id),
        "events": _events(rows, order_id),
        "sums_by_order": sums,
        "captures_by_order": {order: count for order, count in captures.items() if count},
    }


def _tax(rows: Rows, order_id: str | None) -> list[Record]:
    """Return the transactions of tax, whose references begin with the id of their order."""
    found = _objects(rows, "tax.transaction", None)
    return [each for each in found if not order_id or each["reference"].startswith(order_id)]


def _objects(rows: Rows, kind: str, order_id: str | None) -> list[Record]:
    condition, values = (f"AND {OF_ORDER}", (kind, order_id)) if order_id else ("", (kind,))
    found = rows.run(f"SELECT body FROM objects WHERE object = ? {condition} ORDER BY seq", values)
    return [json.loads(row[0]) for row in found]


def _events(rows: Rows, order_id: str | None) -> list[Record]:
    """Return events without their objects, which /v1/events has. An event that was not to be sent has no delivery."""
    condition, values = (f"AND {OF_ORDER}", (order_id,)) if order_id else ("", ())
    found = rows.run(
        f"""SELECT id, json_extract(body, '$.type'), json_extract(body, '$.data.object.id'), created,
            event, wanted, delivered, attempts, held_for, last_answer
        FROM objects LEFT JOIN deliveries ON event = id WHERE object = 'event' {condition} ORDER BY seq""",
        values,
    )
    return [_event(*row) for row in found]


def _event(identity: str, type: str, about: str, created: int, sent: str | None, *delivery: Any) -> Record:
    names = ("wanted", "delivered", "attempts", "held_for", "last_answer")
    deliveries = dict(zip(names, delivery, strict=True)) if sent else None
    return {"id": identity, "type": type, "about": about, "created": created, "deliveries": deliveries}
