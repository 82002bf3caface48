"""Lists, newest first, in pages."""

import json
from typing import Any

from .call import Call
from .events import snapshot
from .refusals import Record, Refused, invalid, missing

DEFAULT, MAXIMUM = 10, 100
BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Selection:
    """The conditions of one query with their bound values."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.conditions, self.values = ["object = ?"], [kind]  # type: tuple[list[str], list[Any]]

    def only(self, condition: str, *values: Any) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.values.extend(values)

    def page(self, call: Call, limit: int, *, backwards: bool = False) -> tuple[list[Record], bool]:
        """Return the newest objects that match, newest first, and whether there are more."""
        order = "ASC" if backwards else "DESC"
        query = f"SELECT body FROM objects WHERE {' AND '.join(self.conditions)} ORDER BY seq {order} LIMIT ?"
        found = [json.loads(row[0]) for row in call.rows.run(query, (*self.values, limit + 1))]
        shown = found[:limit]
        return shown[::-1] if backwards else shown, len(found) > limit


def list_intents(call: Call, _: str, given: Record) -> Record:
    """List all intents, also by the time of creation."""
    if customer := given.get("customer"):
        raise missing("customer", customer, "customer", status=400)
    return _listed(call, Selection("payment_intent"), "/v1/payment_intents", given)


def list_refunds(call: Call, _: str, given: Record) -> Record:
    """List all refunds, or those of one intent or charge."""
    chosen = Selection("refund")
    if intent := given.get("payment_intent"):
        chosen.only("intent = ?", intent)
    if charge := given.get("charge"):
        chosen.only("json_extract(body, '$.charge') = ?", charge)
    return _listed(call, chosen, "/v1/refunds", given)


def list_charges(call: Call, _: str, given: Record) -> Record:
    """List all charges, or those of one intent."""
    if customer := given.get("customer"):
        raise missing("customer", customer, "customer", status=400)
    chosen = Selection("charge")
    if intent := given.get("payment_intent"):
        chosen.only("intent = ?", intent)
    return _listed(call, chosen, "/v1/charges", given)


def list_disputes(call: Call, _: str, given: Record) -> Record:
    """List all disputes, or those of one intent or charge."""
    chosen = Selection("dispute")
    if intent := given.get("payment_intent"):
        chosen.only("intent = ?", intent)
    if charge := given.get("charge"):
        chosen.only("json_extract(body, '$.charge') = ?", charge)
    return _listed(call, chosen, "/v1/disputes", given)


def list_endpoints(call: Call, _: str, given: Record) -> Record:
    """List the webhook endpoint that the command line configured, if any, with its event types."""
    events = sorted(call.subscribed) if call.subscribed is not None else ["*"]
    about = {"id": "we_sandbox", "object": "webhook_endpoint", "status": "enabled", "livemode": False}
    data = [{**about, "url": call.webhook_url, "enabled_events": events}] if call.webhook_url else []
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/webhook_endpoints"}


def list_events(call: Call, _: str, given: Record) -> Record:
    """List events by type, time and delivery."""
    chosen = Selection("event")
    if types := [*given.get("types", []), *([given["type"]] if "type" in given else [])]:
        chosen.only(f"json_extract(body, '$.type') IN ({', '.join('?' * len(types))})", *types)
    if "delivery_success" in given:
        undelivered = "SELECT event FROM deliveries WHERE delivered < wanted"
        chosen.only(f"id {'NOT IN' if given['delivery_success'] else 'IN'} ({undelivered})")
    answer = _listed(call, chosen, "/v1/events", given)
    answer["data"] = [snapshot(call.rows, event) for event in answer["data"]]
    return answer


def retrieve_event(call: Call, identity: str, _: Record) -> Record:
    """Return the event with its number of outstanding webhooks."""
    event = call.rows.find("event", identity)
    if event is None:
        raise missing("event", identity, "id")
    return snapshot(call.rows, event)


def limit_of(given: Record) -> int:
    """Return the page size. Raises Refused above 100."""
    limit: int = given.get("limit", DEFAULT)
    if limit > MAXIMUM:
        raise invalid(f"This value must be less than or equal to {MAXIMUM}.", param="limit")
    return limit


def _listed(call: Call, chosen: Selection, url: str, given: Record) -> Record:
    for bound, second in given.get("created", {}).items():
        chosen.only(f"created {BOUNDS[bound]} ?", second)
    if "starting_after" in given and "ending_before" in given:
        raise invalid("You may only specify one of these parameters: ending_before, starting_after.")
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in given:
            chosen.only(f"seq {sign} ?", _seq(call, chosen.kind, given[name], name))
    data, more = chosen.page(call, limit_of(given), backwards="ending_before" in given)
    return {"object": "list", "data": data, "has_more": more, "url": url}


def _seq(call: Call, kind: str, identity: str, param: str) -> int:
    row = call.rows.run("SELECT seq FROM objects WHERE id = ? AND object = ?", (identity, kind)).fetchone()
    if row is None:
        refusal: Refused = missing(kind, identity, param, status=400)
        raise refusal
    return int(row[0])
