"""The control API for tests, under /sandbox/. It needs no key, as only programs on this machine can reach it."""

import json
import re
import sys
import traceback
from urllib.parse import parse_qs, quote

from .api import Answer, Request
from .authentication import complete, page
from .clock import move_clock, now, set_clock_right
from .dashboard import act
from .deliveries import redeliver
from .faults import fault_from
from .intents import release_expired
from .refusals import Record, Refused, broken
from .shop import Shop
from .state import state

DASHBOARD = re.compile(r"/sandbox/dashboard/([a-z_]+)")
AUTHENTICATE = re.compile(r"/sandbox/authenticate/([A-Za-z0-9_]+)")
MAX_FORWARD = 366 * 86_400  # seconds
URL_CHARACTERS = ":/?#[]@!$&'()*+,;=%"  # the characters that quote() does not escape in a return_url


class Control:
    """The calls under /sandbox/."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def answer(self, request: Request) -> Answer:
        """Answer the request; an invalid one gets a 4xx with a message."""
        try:
            return self._answer(request)
        except Refused as refused:
            return _json(refused.body, refused.status)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return _json(broken().body, 500)

    def _answer(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/sandbox/health":
                return _json({"ready": True})
            case "GET", "/sandbox/state":
                order_id = _parameter(request, "order_id")
                with self._shop.store.transaction() as rows:
                    return _json(state(rows, order_id))
            case "DELETE", "/sandbox/state":
                return self._forget()
            case "GET", "/sandbox/faults":
                return _json({"faults": self._shop.faults.waiting()})
            case "POST", "/sandbox/faults":
                return self._add_fault(request)
            case "DELETE", "/sandbox/faults":
                return _json({"removed": self._shop.faults.clear()})
            case "POST", "/sandbox/clock":
                return self._move_clock(request)
            case "POST", "/sandbox/webhooks/redeliver":
                return self._redeliver(request)
            case "POST", path if match := DASHBOARD.fullmatch(path):
                with self._shop.changing() as rows:
                    return _json(act(self._shop.call(rows), match[1], _body(request)))
            case "GET" | "POST", path if match := AUTHENTICATE.fullmatch(path):
                return self._authenticate(request, match[1])
        message = f"Unknown call {request.method} {request.path}: see the list in sandbox/__init__.py."
        raise Refused(404, "invalid_request_error", message)

    def _forget(self) -> Answer:
        removed = self._shop.faults.clear()
        set_clock_right()
        with self._shop.store.transaction() as rows:
            return _json({"removed": removed + rows.forget()})

    def _move_clock(self, request: Request) -> Answer:
        """Move the clock forward; what banks have released by then is released."""
        body = _body(request)
        forward = body.get("forward") if isinstance(body, dict) and body.keys() == {"forward"} else None
        if not isinstance(forward, int) or isinstance(forward, bool) or not 0 <= forward <= MAX_FORWARD:
            raise _invalid(f'The body must be {{"forward": seconds}}, a whole number from 0 to {MAX_FORWARD}.')
        move_clock(forward)
        with self._shop.changing() as rows:
            return _json({"now": now(), "released": release_expired(self._shop.call(rows))})

    def _add_fault(self, request: Request) -> Answer:
        try:
            fault = fault_from(_body(request))
        except ValueError as error:
            raise _invalid(f"Invalid fault: {error}.") from None
        answer = _json(vars(fault), 201)  # built before it is added, as a call may use the fault up at once
        self._shop.faults.add(fault)
        return answer

    def _redeliver(self, request: Request) -> Answer:
        body = _body(request)
        if not isinstance(body, dict) or body.keys() != {"event"} or not isinstance(body["event"], str):
            raise _invalid('The body must be {"event": "evt_…"} or {"event": "all"}.')
        if self._shop.sender is None:
            raise Refused(
                409, "invalid_request_error", "Webhooks have no receiver: start the sandbox with --webhook-url."
            )
        event = body["event"]
        with self._shop.changing() as rows:
            count = redeliver(rows, None if event == "all" else event)
        if count == 0 and event != "all":
            raise Refused(404, "invalid_request_error", f"No such event: '{event}'", code="resource_missing")
        return _json({"redelivered": count})

    def _authenticate(self, request: Request, identity: str) -> Answer:
        outcome = _parameter(request, "outcome")
        if outcome is None and request.method == "GET":
            with self._shop.store.transaction() as rows:
                html = page(self._shop.call(rows), identity)
            return Answer(200, html.encode(), {"Content-Type": "text/html; charset=utf-8"})
        if outcome not in ("success", "fail"):
            raise _invalid("outcome must be success or fail.")
        with self._shop.changing() as rows:
            intent, return_url = complete(self._shop.call(rows), identity, success=outcome == "success")
        answer = _json(intent)
        return (
            Answer(303, answer.body, {**answer.headers, "Location": quote(return_url, URL_CHARACTERS)})
            if return_url
            else answer
        )


def _parameter(request: Request, name: str) -> str | None:
    """Return the only parameter that the call accepts."""
    given = parse_qs(request.query.decode("ascii", "replace"), keep_blank_values=True)
    if unknown := sorted(given.keys() - {name}):
        raise _invalid(f"Unknown parameter: {unknown[0]}. The only one is {name}.")
    values = given.get(name, [])
    if len(values) > 1 or values == [""]:
        raise _invalid(f"{name} must be given once, with a value.")
    return values[0] if values else None


def _body(request: Request) -> object:
    try:
        body: object = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _invalid("The body is not JSON.") from None
    return body


def _invalid(sentence: str) -> Refused:
    return Refused(400, "invalid_request_error", sentence)


def _json(record: Record, status: int = 200) -> Answer:
    return Answer(status, json.dumps(record).encode(), {"Content-Type": "application/json"})
