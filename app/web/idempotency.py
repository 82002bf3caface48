"""Idempotency keys: claimed in the transaction of their effect. A repeated request gets the first one's response."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import g, request
from prometheus_client import Counter
from sqlalchemy import Connection, bindparam, select, update

from app.kernel import clock
from app.kernel.claim import Claim, Claims
from app.kernel.compiled import execute
from app.kernel.deletes import delete_slice
from app.kernel.errors import Invalid, Refused
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_absent
from app.web.blueprint import ENCODER, Answer
from app.web.tables import idempotency

V = TypeVar("V")

MAX_KEY_LENGTH = 255
REPLAYED = Counter("quartet_idempotency_replays_total", "Repeated requests that got the first one's response")
IS_OURS = (idempotency.c.caller == bindparam("the_caller")) & (idempotency.c.key == bindparam("the_key"))
EARLIER = select(idempotency.c.fingerprint, idempotency.c.resource_id, idempotency.c.body).where(IS_OURS)
KEEP = update(idempotency).where(IS_OURS).values(body=bindparam("the_body"))


class KeyMissing(Refused):
    """The request needs an Idempotency-Key header; answered 400."""


def claim_key(claims: Claims) -> Claim:
    """Claim the request's key for this caller. A concurrent request with the key waits here until the first commits.

    Raises KeyMissing, and Invalid(idempotency_key_reused) where the key was used for another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key or len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise KeyMissing("idempotency_key_missing", "send an Idempotency-Key header of 1 to 255 printable characters")
    content = b"\n".join((request.method.encode(), request.path.encode(), request.get_data()))
    return claims.claim(g.caller, key, hashlib.sha256(content).digest(), new_id())


def first_answer(claims: Claims, claim: Claim, view: V) -> Answer[V]:
    """The response to the first request with a key. It is stored in the transaction of its effect."""
    body = ENCODER.encode(view)
    claims.keep(claim, body)
    return Answer(encoded=body)


def same_answer(claim: Claim, view: Callable[[], V]) -> Answer[V]:
    """The stored response of the first request; where none was stored, `view` renders the current resource."""
    REPLAYED.inc()
    headers = {"Idempotency-Replayed": "true"}
    return Answer(view(), headers) if claim.body is None else Answer(headers=headers, encoded=claim.body)


def claim(connection: Connection, caller: str, key: str, fingerprint: bytes, resource_id: UUID) -> Claim:
    """Insert the key, or return its earlier claim. Raises Invalid where it was used for another request."""
    row = {
        "caller": caller,
        "key": key,
        "fingerprint": fingerprint,
        "resource_id": resource_id,
        "created_at": clock.now(),
    }
    if insert_if_absent(connection, idempotency, row):
        return Claim(caller, key, resource_id)
    earlier = execute(connection, EARLIER, {"the_caller": caller, "the_key": key}).one()
    if earlier.fingerprint != fingerprint:
        raise Invalid("idempotency_key_reused", "this Idempotency-Key was used for another request: use a new one")
    return Claim(caller, key, earlier.resource_id, earlier=True, body=earlier.body)


def keep(connection: Connection, claim: Claim, body: bytes) -> None:
    """Store the response with the key."""
    execute(connection, KEEP, {"the_caller": claim.caller, "the_key": claim.key, "the_body": body})


class SqlClaims:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, caller: str, key: str, fingerprint: bytes, resource_id: UUID) -> Claim:
        return claim(self._connection, caller, key, fingerprint, resource_id)

    def keep(self, claim: Claim, body: bytes) -> None:
        keep(self._connection, claim, body)


def prune(connection: Connection, before: datetime) -> int:
    """Delete a slice of the keys that were claimed before this time. Returns how many."""
    return delete_slice(connection, idempotency, idempotency.c.created_at < before, first=idempotency.c.created_at)
