"""An attacker writes a forged event to a topic of the real broker."""

import json
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from app.bus.tables import inbox
from app.kernel import clock
from tests.conftest import until
from tests.journeys.test_strangers_and_operators import produce
from tests.shop import Caller
from tests.topologies import ShopOnServers

SCOPED = ("/ops/catalog/bus", "/ops/orders/bus", "/ops/payments/bus", "/ops/users/bus", "/users?role=admin", "/orders")


def handled(shop: ShopOnServers) -> dict[str, int]:
    """The number of events that each module has consumed."""
    found = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            found[name] = len(connection.execute(select(inbox.c.event_id)).all())
    return found


def test_a_forged_signing_key_on_the_topic_makes_nobody_an_admin(split: ShopOnServers) -> None:
    split.settle()
    key, kid, before = Ed25519PrivateKey.generate(), f"forged-{uuid4()}", handled(split)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    body = {"kid": kid, "algorithm": "EdDSA", "public_key": pem, "retired": False, "version": 1}
    produce(split, "users", json.dumps(body).encode(), kid, "users.signing_key_published.v1")

    def everyone_has_handled_it() -> bool:
        return all(count > before[name] for name, count in handled(split).items())

    until(everyone_has_handled_it, "every module has consumed the forged event")
    now = int(clock.now().timestamp())
    ids: dict[str, Any] = {name: str(uuid4()) for name in ("sub", "sid", "jti")}
    claims = {**ids, "iss": "quartet", "aud": "quartet", "type": "access", "role": "admin", "epoch": 0}
    token = jwt.encode({**claims, "iat": now, "exp": now + 500}, key, "EdDSA", {"kid": kid})
    forger = Caller(split.door, {"Authorization": f"Bearer {token}"})

    assert {path: forger.get(path).status_code for path in SCOPED} == dict.fromkeys(SCOPED, 401)
    assert forger.post("/categories", {"slug": "forged", "name": "Forged"}).status_code == 401
