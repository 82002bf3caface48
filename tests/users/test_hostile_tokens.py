"""Forged and invalid tokens are refused, all with the same format of error."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from app.kernel.ids import new_id
from tests.shop import PRIVATE_KEY, PUBLIC_KEY, Caller, Shop, signed_by_root
from tests.users.people import ALICES, BOBS, joins, two_seconds_pass, works_here

STRANGERS = Ed25519PrivateKey.generate()


def part(content: Any) -> str:
    """Encode one part of a token."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Forger:
    """An attacker with all public data and a valid token of one account."""

    shop: Shop
    user_id: UUID

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a valid token, with these changes; a claim that is None is omitted."""
        good = jwt.decode(self.shop.token(self.user_id), options={"verify_signature": False})
        return {name: value for name, value in (good | changes).items() if value is not None}

    def signed(self, header: dict[str, Any] | None = None, key: Any = PRIVATE_KEY, **changes: Any) -> str:
        """A token signed by the known test key, or by `key`."""
        headers = {"kid": self.shop.kid} | (header or {})
        payload = json.dumps(self.claims(**changes)).encode()
        return jwt.PyJWS().encode(payload, key, algorithm="EdDSA", headers=headers)

    def unsigned(self, alg: str) -> str:
        return f"{part({'alg': alg, 'typ': 'JWT', 'kid': self.shop.kid})}.{part(self.claims())}."

    def with_mac(self, secret: bytes) -> str:
        """A token with HS256, whose secret is public data."""
        body = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': self.shop.kid})}.{part(self.claims())}"
        return f"{body}.{part(hmac.digest(secret, body.encode(), 'sha256'))}"

    def with_raw_signature(self, alg: str, signature: bytes) -> str:
        return f"{part({'alg': alg, 'typ': 'JWT', 'kid': self.shop.kid})}.{part(self.claims())}.{part(signature)}"


def raw_public_key() -> bytes:
    return PRIVATE_KEY.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def strangers_jwk() -> dict[str, Any]:
    return dict(OKPAlgorithm.to_jwk(STRANGERS.public_key(), as_dict=True))


def tampered(forger: Forger) -> str:
    """A valid signature with changed claims."""
    head, _, signature = forger.signed().split(".")
    return f"{head}.{part(forger.claims(role='admin'))}.{signature}"


def stripped(forger: Forger) -> str:
    return forger.signed().rsplit(".", 1)[0] + "."


def shut_out(forger: Forger) -> str:
    """A valid token of a disabled account."""
    admin = works_here(forger.shop, BOBS, "admin")
    path = f"/users/{forger.user_id}"
    admin.patch(path, {"disabled": True}, headers={"If-Match": admin.get(path).headers["ETag"]})
    two_seconds_pass(forger.shop)
    return forger.signed(epoch=99)


def with_retired_key(forger: Forger) -> str:
    forger.shop.receives(signed_by_root(forger.shop.kid, PUBLIC_KEY, retired=True, version=2))
    return forger.signed()


def refresh_token(forger: Forger) -> str:
    return joins(forger.shop, BOBS).refresh_token


def es256(forger: Forger) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(forger.claims(), key, algorithm="ES256", headers={"kid": forger.shop.kid})


def rs256(forger: Forger) -> str:
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(forger.claims(), key, algorithm="RS256", headers={"kid": forger.shop.kid})


NOW = time.time
HOSTILE: dict[str, Callable[[Forger], str]] = {
    "alg none": lambda f: f.unsigned("none"),
    "alg None": lambda f: f.unsigned("None"),
    "alg nOnE": lambda f: f.unsigned("nOnE"),
    "HS256 with the public key": lambda f: f.with_mac(PUBLIC_KEY.encode()),
    "HS256 with the raw public key": lambda f: f.with_mac(raw_public_key()),
    "HS256 with nothing": lambda f: f.with_mac(b""),
    "its own key in the header": lambda f: f.signed({"jwk": strangers_jwk()}, STRANGERS),
    "our key in the header": lambda f: f.signed({"jwk": strangers_jwk()}),
    "a jku": lambda f: f.signed({"jku": "https://thief.example/jwks.json"}),
    "an x5u": lambda f: f.signed({"x5u": "https://thief.example/cert.pem"}),
    "a crit": lambda f: f.signed({"crit": ["exp"]}),
    "a kid that is a path": lambda f: f.signed({"kid": "../../../../dev/null"}),
    "a kid that is SQL": lambda f: f.signed({"kid": "x' UNION SELECT public_key FROM trusted_signing_keys--"}),
    "a kid of 3,000 characters": lambda f: f.signed({"kid": "x" * 3000}),
    "a kid with NUL": lambda f: f.signed({"kid": f"{f.shop.kid}\0"}),
    "a kid that is a number": lambda f: f"{part({'alg': 'EdDSA', 'kid': 7})}.{part(f.claims())}.{part(b'x' * 64)}",
    "a kid that is a list": lambda f: f"{part({'alg': 'EdDSA', 'kid': []})}.{part(f.claims())}.{part(b'x' * 64)}",
    "no kid": lambda f: jwt.encode(f.claims(), PRIVATE_KEY, algorithm="EdDSA"),
    "another's key under our kid": lambda f: f.signed(key=STRANGERS),
    **{
        f"no {name}": partial(lambda f, name: f.signed(**{name: None}), name=name)
        for name in ("exp", "iss", "aud", "jti", "type", "iat", "sub", "sid", "role", "epoch")
    },
    "another audience": lambda f: f.signed(aud="payments"),
    "our audience among others": lambda f: f.signed(aud=["quartet", "thief"]),
    "another issuer": lambda f: f.signed(iss="thief"),
    "an issuer in a list": lambda f: f.signed(iss=["quartet"]),
    "expired": lambda f: f.signed(iat=int(NOW()) - 400, exp=int(NOW()) - 1),
    "not yet": lambda f: f.signed(nbf=int(NOW()) + 300),
    "made in the future": lambda f: f.signed(iat=int(NOW()) + 300, exp=int(NOW()) + 600),
    "for a year": lambda f: f.signed(exp=int(NOW() + timedelta(days=365).total_seconds())),
    "for ever": lambda f: f.signed(exp=10**400),
    "an exp that is text": lambda f: f.signed(exp=str(int(NOW()) + 300)),
    "an exp that is a fraction": lambda f: f.signed(exp=NOW() + 300.5),
    "of type refresh": lambda f: f.signed(type="refresh"),
    "of type email": lambda f: f.signed(type="email"),
    "a refresh token": refresh_token,
    "a role that we do not have": lambda f: f.signed(role="king"),
    "a role in a list": lambda f: f.signed(role=["admin"]),
    "an epoch that is true": lambda f: f.signed(epoch=True),
    "a user that is no id": lambda f: f.signed(sub="' OR 1=1--"),
    "a user in a list": lambda f: f.signed(sub=[str(f.user_id)]),
    "an account shut out": shut_out,
    "a retired key": with_retired_key,
    "a stripped signature": stripped,
    "another's claims under a good signature": tampered,
    "a signature of zeros": lambda f: f.with_raw_signature("EdDSA", bytes(64)),
    "another curve": lambda f: f.signed(key=Ed448PrivateKey.generate()),
    "ES256": es256,
    "RS256": rs256,
    "200 KB": lambda f: f.signed(padding="x" * 200_000),
    "deep JSON": lambda f: f"{part({'alg': 'EdDSA', 'kid': f.shop.kid})}.{part(b'[' * 2000)}.{part(bytes(64))}",
    "a claim set that is a list": lambda f: f"{part({'alg': 'EdDSA', 'kid': f.shop.kid})}.{part([])}.{part(bytes(64))}",
    "bytes that are no UTF-8": lambda f: f"{part(bytes([255, 254]))}.{part(bytes([255]))}.{part(bytes(64))}",
    "not a token": lambda f: "letmein",
    "nothing": lambda f: "",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_refused(shop: Shop, kind: str) -> None:
    alice = UUID(joins(shop, ALICES).get("/users/me").json["id"])
    token = HOSTILE[kind](Forger(shop, alice))

    answers = [
        Caller(shop.door, {"Authorization": f"Bearer {token}"}).get(path) for path in ("/auth/validate", "/users/me")
    ]

    for answer in answers:
        assert answer.status_code == 401, answer.json
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] in {"bad_token", "token_expired", "token_revoked"}


@pytest.mark.parametrize("header", ["Basic YWxpY2U6eA==", "Bearer", "Bearer a b", "bearer\ttoken", "Token x", "é"])
def test_a_header_that_is_no_bearer_token_lets_nobody_in(one_shop: Shop, header: str) -> None:
    answer = Caller(one_shop.door, {"Authorization": header}).get("/auth/validate")

    assert answer.status_code == 401 and answer.content_type == "application/problem+json"


def test_a_token_made_by_a_clock_that_is_a_little_ahead_is_good(shop: Shop) -> None:
    alice = UUID(joins(shop, ALICES).get("/users/me").json["id"])
    token = Forger(shop, alice).signed(iat=int(NOW()) + 30, exp=int(NOW()) + 330)

    assert Caller(shop.door, {"Authorization": f"Bearer {token}"}).get("/auth/validate").status_code == 200


def test_the_forgers_own_good_token_is_good(shop: Shop) -> None:
    alice = UUID(joins(shop, ALICES).get("/users/me").json["id"])

    token = Forger(shop, alice).signed()

    assert Caller(shop.door, {"Authorization": f"Bearer {token}"}).get("/auth/validate").status_code == 200


def test_a_token_of_an_account_that_is_not_there_has_no_account(shop: Shop) -> None:
    ghost = Caller(shop.door, {"Authorization": f"Bearer {Forger(shop, new_id()).signed()}"})

    assert ghost.get("/users/me").status_code == 401
