"""Stripe's Event objects, written in the transaction of the change that they describe."""

from typing import Any

from .call import Call, new_id
from .clock import now
from .deliveries import plan
from .refusals import Record
from .store import Rows


def publish(call: Call, type: str, record: Record, previous: Record | None = None) -> None:
    """Write the event with a snapshot of the object, and plan its webhook."""
    is_sent = call.webhook_url is not None and (call.subscribed is None or type in call.subscribed)
    data: dict[str, Any] = {"object": record}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Record = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": call.api_version,
        "created": now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": int(is_sent),
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": type,
    }
    call.rows.add(event, intent_of(record))
    if is_sent:
        plan(call.rows, event["id"], call.faults.for_webhook(type))


def intent_of(record: Record) -> str | None:
    """Return the id of the intent that an object is about."""
    return record["id"] if record.get("object") == "payment_intent" else record.get("payment_intent")


def snapshot(rows: Rows, event: Record) -> Record:
    """Return the event with its number of outstanding webhooks."""
    row = rows.run("SELECT wanted - delivered FROM deliveries WHERE event = ?", (event["id"],)).fetchone()
    return {**event, "pending_webhooks": max(0, row[0]) if row else 0}
