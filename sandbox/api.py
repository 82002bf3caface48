"""The simulated api.stripe.com: authenticates a request, carries it out once, and answers it."""

import base64
import json
import sys
import time
import traceback
from dataclasses import dataclass, field

from .call import API_VERSION, Call, new_id
from .expansion import expanded
from .faults import Fault
from .form import decoded, nested
from .idempotency import InFlight, Key, StoredAnswer, earlier_answer, key_from, store_answer
from .parameters import read
from .refusals import Record, Refused, broken, unauthorized
from .routes import Route, route_for
from .shop import Shop
from .store import Rows


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: bytes
    body: bytes
    headers: dict[str, str]  # names in lower case
    id: str = field(default_factory=lambda: new_id("req", 14))


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


class NoAnswer(Exception):
    """Raised by a fault that closes the connection without an answer."""


class Api:
    """The calls under /v1/."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._in_flight = InFlight()

    def answer(self, request: Request) -> Answer:
        """Answer the request. Raises NoAnswer if a fault closes the connection."""
        try:
            return self._answer(request)
        except Refused as refused:
            return _answer(request, StoredAnswer(request.id, refused.status, _bytes(refused.body)))
        except NoAnswer:
            raise
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return _answer(request, StoredAnswer(request.id, 500, _bytes(broken().body)))

    def _answer(self, request: Request) -> Answer:
        api_key = _api_key(request)
        found = route_for(request.method, request.path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {request.path}): not one of those in this sandbox."
            raise Refused(404, "invalid_request_error", message, stored=False)
        route, identity = found
        pairs = decoded(request.query if request.method == "GET" else request.body)
        name = request.headers.get("idempotency-key") if request.method == "POST" else None
        key = key_from(api_key, name, request.method, request.path, pairs) if name else None
        fault = self._shop.faults.for_call(request.method, request.path, route.action)
        with self._in_flight.alone(key):
            _before(fault)
            stored = self._once(request, route, identity, pairs, key, fault)
        _after(fault)
        return _answer(request, stored)

    def _once(
        self,
        request: Request,
        route: Route,
        identity: str,
        pairs: list[tuple[str, str]],
        key: Key | None,
        fault: Fault | None,
    ) -> StoredAnswer:
        with self._shop.changing() as rows:
            if key and (earlier := earlier_answer(rows, key)):
                return earlier
            breaks = fault if fault and fault.kind == "error_500" else None
            if breaks and breaks.when == "before":
                return _broken(rows, request, key)
            call = self._shop.call(
                rows,
                request_id=request.id,
                idempotency_key=key.key if key else None,
                api_version=request.headers.get("stripe-version", API_VERSION),
            )
            try:
                stored = _carried_out(call, request, route, identity, pairs)
            except Refused as refused:
                if not refused.stored:
                    raise  # it had no effect, and its key can be used again
                # Raised before anything was written, or after all of it was: a decline has effects.
                stored = StoredAnswer(request.id, refused.status, _bytes(refused.body))
            if breaks:
                return _broken(rows, request, key)
            if key:
                store_answer(rows, key, stored)
        return stored


def _broken(rows: Rows, request: Request, key: Key | None) -> StoredAnswer:
    """Return a 500, which is stored under the idempotency key like every answer:
    https://docs.stripe.com/api/idempotent_requests
    """
    stored = StoredAnswer(request.id, 500, _bytes(broken().body))
    if key:
        store_answer(rows, key, stored)
    return stored


def _carried_out(
    call: Call, request: Request, route: Route, identity: str, pairs: list[tuple[str, str]]
) -> StoredAnswer:
    given: Record = read(route.schema, nested(pairs), route.required)
    answer = route.answer(call, identity, given)
    return StoredAnswer(request.id, 200, _bytes(expanded(call, answer, given.get("expand", []))))


def _api_key(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError:
            value = ""
    if not value:
        raise unauthorized("You did not provide an API key. You need to provide it in the Authorization header.")
    if not value.startswith(("sk_test_", "rk_test_")):
        raise unauthorized(f"Invalid API Key provided: {value[:8]}****. The sandbox takes sk_test_ and rk_test_ keys.")
    return value


def _before(fault: Fault | None) -> None:
    if fault is None:
        return
    if fault.kind == "down":
        raise NoAnswer
    if fault.kind == "delay" and fault.when == "before":
        time.sleep(fault.seconds)


def _after(fault: Fault | None) -> None:
    if fault and fault.kind == "lose_answer":
        raise NoAnswer
    if fault and fault.kind == "delay" and fault.when == "after":
        time.sleep(fault.seconds)


def _answer(request: Request, stored: StoredAnswer) -> Answer:
    headers = {"Content-Type": "application/json", "Request-Id": request.id}
    headers["Stripe-Version"] = request.headers.get("stripe-version", API_VERSION)
    if key := request.headers.get("idempotency-key"):
        headers["Idempotency-Key"] = key
    if stored.request != request.id:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": stored.request}
    return Answer(stored.status, stored.body, headers)


def _bytes(record: Record) -> bytes:
    return json.dumps(record).encode()
