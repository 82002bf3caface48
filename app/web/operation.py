"""Declares an operation beside its method: its id, the headers that it reads, and the codes that it may refuse with.

Every test that calls an operation compares the declaration with the response.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

M = TypeVar("M", bound=Callable[..., object])


@dataclass(frozen=True)
class Header:
    """A header of the request. `refusals`: the codes for a missing or wrong one, by status."""

    name: str
    description: str
    example: str
    required: bool = True
    refusals: Mapping[int, str] | None = None
    schema: Mapping[str, object] = field(default_factory=dict)


PRINTED = r"!-~\u00a1-\u00ac\u00ae-\u00ff"  # what str.isprintable accepts of Latin-1, besides the blank
IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "1 to 255 printable characters. Send the same key when you repeat the request: it then has no second effect.",
    "5e3b1f6a-8c0d-4a57-9d2f-1c6b7a90e4d1",
    refusals={400: "idempotency_key_missing", 422: "idempotency_key_reused"},
    schema={"minLength": 1, "maxLength": 255, "pattern": f"^[{PRINTED}]([ {PRINTED}]*[{PRINTED}])?$"},
)
IF_MATCH = Header(
    "If-Match",
    "The ETag that you have read. The change is refused if the resource has another ETag by now.",
    '"v3"',
    refusals={412: "stale_version", 428: "precondition_required"},
)
CART_TOKEN = Header(
    "X-Cart-Token", "The token of a guest's cart, from the response that created it.", "kq3J0c9pX1tW", required=False
)
PREFER = Header("Prefer", "wait=N: the same as ?wait=N (RFC 7240).", "wait=10", required=False)
STRIPE_SIGNATURE = Header(
    "Stripe-Signature",
    "Stripe's signature of the body.",
    "t=1795728614,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
    refusals={422: "bad_signature bad_webhook"},
)
ETAG = {"ETag": "The version of the resource: send it as If-Match with a change, or as If-None-Match to read again."}
ETAG_OF_BODY = {"ETag": "Send it as If-None-Match to read again."}
NO_SEAT = {"Retry-After": "Seconds; set if a request with `wait` was answered at once, as too many others wait."}
LOCATION = {"Location": "The URL of the new resource."}
LINK = {"Link": 'The next page, as rel="next"; absent on the last page.'}
REPLAYED = {"Idempotency-Replayed": "true if the request was a repeated one; the response is that to the first one."}
NEW_CART_TOKEN = {"X-Cart-Token": "The token of a guest's new cart: store it, and send it with each cart request."}
RETRY_AFTER = {"Retry-After": "Seconds to wait."}


@dataclass(frozen=True)
class Operation:
    """What /openapi.json has of one method of one route, besides what its other decorators declare."""

    id: str
    headers: tuple[Header, ...]
    refusals: Mapping[int, str]
    token_optional: bool


def operation(
    id: str, *headers: Header, refusals: Mapping[int, str] | None = None, token_optional: bool = False
) -> Callable[[M], M]:
    """Declare an operation. `id` is its name for clients (verb_noun) and never changes.

    `refusals`: its codes by status, separated by blanks. `token_optional`: guests may call it too; signed-in callers
    get another response.
    """

    def mark(method: M) -> M:
        method.__dict__["operation"] = Operation(id, headers, refusals or {}, token_optional)
        return method

    return mark
