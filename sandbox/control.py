"""What tests read and steer, under /sandbox/. No key is asked for: only programs on this machine get here."""

import json
import re
import sys
import traceback
from urllib.parse import parse_qs, quote

from .api import Answer, Request
from .authentication import complete, page
from .dashboard import act
from .deliveries import redeliver
from .faults import fault_from
from .refusals import Record, Refused, broken
from .shop import Shop
from .state import state

DASHBOARD = re.compile(r"/sandbox/dashboard/([a-z_]+)")
AUTHENTICATE = re.compile(r"/sandbox/authenticate/([A-Za-z0-9_]+)")
IN_ADDRESSES = ":/?#[]@!$&'()*+,;=%"  # what quote() leaves alone in a return_url


class Control:
    """The calls under /sandbox/."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def answer(self, request: Request) -> Answer:
        """The answer; a mistake in the request gets a 4xx with a sentence."""
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
            case "POST", "/sandbox/webhooks/redeliver":
                return self._redeliver(request)
            case "POST", path if match := DASHBOARD.fullmatch(path):
                with self._shop.changing() as rows:
                    return _json(act(self._shop.call(rows), match[1], _body(request)))
            case "GET" | "POST", path if match := AUTHENTICATE.fullmatch(path):
                return self._authenticate(request, match[1])
        message = f"Nothing answers {request.method} {request.path}: the list is in sandbox/__init__.py."
        raise Refused(404, "invalid_request_error", message)

    def _forget(self) -> Answer:
        removed = self._shop.faults.clear()
        with self._shop.store.transaction() as rows:
            return _json({"removed": removed + rows.forget()})

    def _add_fault(self, request: Request) -> Answer:
        try:
            fault = fault_from(_body(request))
        except ValueError as error:
            raise _mistake(f"This is no fault: {error}.") from None
        answer = _json(vars(fault), 201)  # before it waits: a call may use it up at once
        self._shop.faults.add(fault)
        return answer

    def _redeliver(self, request: Request) -> Answer:
        body = _body(request)
        if not isinstance(body, dict) or body.keys() != {"event"} or not isinstance(body["event"], str):
            raise _mistake('Say which: {"event": "evt_…"} or {"event": "all"}.')
        if self._shop.sender is None:
            raise Refused(409, "invalid_request_error", "There is nobody to send to: no --webhook-url was given.")
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
            raise _mistake("outcome is success or fail.")
        with self._shop.changing() as rows:
            intent, back = complete(self._shop.call(rows), identity, success=outcome == "success")
        answer = _json(intent)
        return Answer(303, answer.body, {**answer.headers, "Location": quote(back, IN_ADDRESSES)}) if back else answer


def _parameter(request: Request, name: str) -> str | None:
    """The only parameter that the call takes."""
    given = parse_qs(request.query.decode("ascii", "replace"), keep_blank_values=True)
    if unknown := sorted(given.keys() - {name}):
        raise _mistake(f"Unknown parameter: {unknown[0]}. Here it is {name}.")
    values = given.get(name, [])
    if len(values) > 1 or values == [""]:
        raise _mistake(f"{name} is given once, with a value.")
    return values[0] if values else None


def _body(request: Request) -> object:
    try:
        found: object = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _mistake("The body is not JSON.") from None
    return found


def _mistake(sentence: str) -> Refused:
    return Refused(400, "invalid_request_error", sentence)


def _json(record: Record, status: int = 200) -> Answer:
    return Answer(status, json.dumps(record).encode(), {"Content-Type": "application/json"})
