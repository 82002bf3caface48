"""What an operation is called, which headers it reads, and how it may be refused: said beside the method, and held
against what it does by every test that calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

M = TypeVar("M", bound=Callable[..., object])


@dataclass(frozen=True)
class Header:
    """One that is read from the request. `refusals`: how a missing or a wrong one is answered, codes by status."""

    name: str
    description: str
    example: str
    required: bool = True
    refusals: Mapping[int, str] | None = None


IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "1 to 255 printable characters; the same again when the request is repeated, which then has no second effect.",
    "5e3b1f6a-8c0d-4a57-9d2f-1c6b7a90e4d1",
    refusals={400: "idempotency_key_missing", 422: "idempotency_key_reused"},
)
IF_MATCH = Header(
    "If-Match",
    "The ETag of what was read: the change is refused where it is another's by now.",
    '"v3"',
    refusals={412: "stale_version", 428: "precondition_required"},
)
CART_TOKEN = Header(
    "X-Cart-Token", "A guest's cart, as the first answer to filling it named it.", "kq3…", required=False
)
PREFER = Header("Prefer", "wait=N: the same as ?wait=N (RFC 7240).", "wait=10", required=False)
STRIPE_SIGNATURE = Header(
    "Stripe-Signature", "Stripe's signature of the body.", "t=1795728614,v1=5257a8…", refusals={422: "bad_signature"}
)
ETAG = {"ETag": "The version of what is answered: send it as If-Match with a change, as If-None-Match to ask again."}
LOCATION = {"Location": "Where what was made is from now on."}
LINK = {"Link": 'The next page, as rel="next"; none on the last.'}
REPLAYED = {"Idempotency-Replayed": "true where the request was a repeated one, and this is the first one's answer."}
NEW_CART_TOKEN = {"X-Cart-Token": "Of a guest's new cart: keep it, and send it with each request about the cart."}
RETRY_AFTER = {"Retry-After": "Seconds to wait."}


@dataclass(frozen=True)
class Operation:
    """What the document says of one method of one route, beside what its decorators say already."""

    id: str
    headers: tuple[Header, ...]
    refusals: Mapping[int, str]
    token_optional: bool


def operation(
    id: str, *headers: Header, refusals: Mapping[int, str] | None = None, token_optional: bool = False
) -> Callable[[M], M]:
    """Name a method for clients (verb_noun, for good), with the codes of its refusals by status, separated by blanks.

    `token_optional`: it is for guests too, and answers who is signed in otherwise.
    """

    def mark(method: M) -> M:
        method.__dict__["operation"] = Operation(id, headers, refusals or {}, token_optional)
        return method

    return mark
