"""The test driver: a shop of some or all modules in this process. Tests send it requests and deliver events to it."""

import atexit
import shutil
import sqlite3
import tempfile
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from app.bus import tables
from app.bus.contracts.catalog import OfferChanged
from app.bus.contracts.users import SigningKeyPublished
from app.bus.event import Event, Message, headers_of
from app.config.settings import Settings
from app.factory import create_app
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.runtime.background import Background
from app.runtime.migrate import upgrade
from app.web.root_keys import DEVELOPMENT_PRIVATE, sign
from app.wiring import Module
from tests import attacks
from tests.described import assert_described
from tests.production import PRODUCTION

PRIVATE_KEY = Ed25519PrivateKey.generate()
PUBLIC_KEY = (
    PRIVATE_KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
ROOT = Ed25519PrivateKey.from_private_bytes(b64decode(DEVELOPMENT_PRIVATE, b"-_"))
OWN_ROOT = {name: PRODUCTION[name] for name in ("ROOT_PRIVATE_KEY", "ROOT_PUBLIC_KEYS")}
BESIDE = {("catalog", "search")}  # files of a module that are no databases of its own
MIGRATED = tempfile.TemporaryDirectory(prefix="quartet-")
atexit.register(MIGRATED.cleanup)  # otherwise Python warns at exit, and in tests a warning is an error
ALICE, BOB, SAM = (UUID(int=n) for n in (0xA11CE, 0xB0B, 0x5A3))
LIMITS = ("LOGIN", "WRONG_PASSWORDS", "REGISTRATION", "CONFIRM", "ORDERS", "UNITS", "COUPONS", "TAX", "WRITES", "READS")
GENEROUS = {f"LIMIT_{name}": "10000000/minute" for name in LIMITS}
GENEROUS |= {"DESK": "off"}  # tests/desk has the pages
GENEROUS |= {"MAX_OPEN_ORDERS": "1000000", "MAX_HELD_UNITS": "1000000000"}
INVOICING = {  # a shop that issues invoices
    "INVOICES": "paid",
    "SELLER_NAME": "Mugs & Co",
    "SELLER_ADDRESS": "Hauptstr. 1; 10117 Berlin",
    "SELLER_TAX_NUMBER": "DE123456789",
}


@dataclass
class Caller:
    """A client that sends HTTP requests to the shop, with the same headers each time."""

    door: Any  # the Flask application, or a stand-in that forwards to one in another process
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._open("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, key: str | None = None, **kwargs: Any) -> TestResponse:
        """POST with an Idempotency-Key, a fresh one unless given."""
        headers = {"Idempotency-Key": key or str(new_id()), **kwargs.pop("headers", {})}
        return self._open("POST", path, json=json, headers=headers, **kwargs)

    def put(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self._open("PUT", path, json=json, **kwargs)

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self._open("PATCH", path, json=json, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self._open("DELETE", path, **kwargs)

    def orders(self, items: Mapping[str, int], total: Money, **kwargs: Any) -> TestResponse:
        """POST /orders for these items at the total that the buyer saw."""
        lines = [{"sku": sku, "quantity": quantity} for sku, quantity in items.items()]
        body = {"items": lines, "expected_total": {"amount": total.amount, "currency": total.currency}}
        return self.post("/orders", body, **kwargs)

    def _open(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {**self.headers, **kwargs.pop("headers", {})}
        url = (
            path
            if path.startswith(("/api/", "/livez", "/readyz", "/metrics", "/openapi", "/docs"))
            else f"/api/v1{path}"
        )
        answer: TestResponse = self.door.test_client().open(url, method=method, headers=headers, **kwargs)
        assert_described(method, url, answer)
        return answer


class Shop:
    """Some or all modules on fresh databases. Events are delivered and jobs are run only when a test calls `settle`."""

    def __init__(self, folder: Path, *modules: Callable[[Settings], Module], **variables: str) -> None:
        environment = {**GENEROUS, "QUARTET_DATA": str(folder), **variables}
        self.settings = Settings.from_environment(environment)
        self.app = create_app(*modules, settings=self.settings)
        self.app.after_request(attacks.counted)
        self.door: Any = self.app
        self.modules: dict[str, Module] = self.app.extensions["quartet_modules"]
        self.own: dict[str, Any] = {name: module.settings for name, module in self.modules.items()}
        self.background: Background = self.app.extensions["quartet_background"]
        try:
            for module in self.modules.values():
                _migrate(module)
        except BaseException:
            self.close()
            raise
        self.kid = str(new_id())
        self.receives(signed_by_root(self.kid, PUBLIC_KEY))

    def close(self) -> None:
        """Stop the background and close every connection."""
        self.background.stop(timeout=5)

    def let_go(self) -> None:
        """Close the connections that no one uses: a shop that many tests share would keep them until the last has run,
        and PostgreSQL has a hundred for all workers of pytest."""
        for module in self.modules.values():
            module.database.close()

    def as_guest(self) -> Caller:
        return Caller(self.door)

    def as_customer(self, user_id: UUID, role: str = "customer", **claims: Any) -> Caller:
        """A customer with a valid token; claims can be changed or, with None, left out."""
        return Caller(self.door, {"Authorization": f"Bearer {self.token(user_id, role, **claims)}"})

    def as_staff(self, user_id: UUID = SAM, role: str = "staff") -> Caller:
        return self.as_customer(user_id, role)

    def token(self, user_id: UUID, role: str = "customer", **claims: Any) -> str:
        """An access token as users would issue it, signed with the key that this shop trusts."""
        now = clock.now()
        all_claims = {
            "iss": self.settings.token_issuer,
            "aud": self.settings.token_audience,
            "sub": str(user_id),
            "sid": str(new_id()),
            "jti": str(new_id()),
            "type": "access",
            "role": role,
            "epoch": 0,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=300)).timestamp()),
        } | claims
        claims = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(claims, PRIVATE_KEY, algorithm="EdDSA", headers={"kid": self.kid})

    def receives(self, event: Event, *, id: UUID | None = None) -> None:
        """Deliver this event to every module of this shop, as if another module had published it."""
        headers = headers_of(event, id or new_id(), clock.now(), None)
        message = Message(topic=event.topic(), key=event.key, headers=headers, body=event.to_json())
        for consumer in self.background.consumers:
            consumer.handle(message)

    def offers(self, sku: str, price: Money, version: int = 1) -> None:
        """Deliver an offer of this SKU, as if catalog had published it."""
        offer = OfferChanged(
            sku=sku,
            product_id=str(new_id()),
            name=sku.title(),
            price=price.amount,
            currency=price.currency,
            on_sale=True,
            version=version,
        )
        self.receives(offer)

    def published(self, event: type[Event]) -> list[Any]:
        """Every event of this type that the modules of this shop have published, in order."""
        bodies: list[bytes] = []
        for module in self.modules.values():
            query = select(tables.outbox.c.body).where(tables.outbox.c.type == event.event_type())
            with module.database.read() as connection:
                bodies += connection.execute(query.order_by(tables.outbox.c.position)).scalars().all()
        return [event.from_json(body) for body in bodies]

    def settle(self) -> None:
        """Deliver all events and run all jobs that are due, until nothing is left."""
        self.background.run_until_quiet()

    def parked(self) -> int:
        """The number of parked events, in all modules together."""
        total = 0
        for module in self.modules.values():
            with module.database.read() as connection:
                total += connection.execute(select(func.count()).select_from(tables.parked)).scalar_one()
        return total


def signed_by_root(kid: str, public_key: str, *, retired: bool = False, version: int = 1) -> SigningKeyPublished:
    """The event of a signing key, signed with the root key of development."""
    event = SigningKeyPublished(kid=kid, algorithm="EdDSA", public_key=public_key, retired=retired, version=version)
    return sign(event, ROOT)


def _migrate(module: Module) -> None:
    """Bring a new database up to date; an SQLite file by copying one that this process has migrated before.

    Files that a module stores beside its database are copied, too; one without any does what follows a migration.
    """
    new = Path(make_url(module.database.url).database or "")
    if not module.database.is_sqlite or new.exists():
        upgrade([module])
        return
    snapshot = Path(MIGRATED.name) / f"{module.name}, {', '.join(module.stored)}"
    if not snapshot.exists():
        upgrade([module if module.stored else replace(module, after_upgrade=None)])
        snapshot.mkdir()
        for file in new.parent.glob("*.sqlite"):
            if file == new or (module.name, file.stem) in BESIDE:
                with closing(sqlite3.connect(file)) as connection:
                    connection.execute("VACUUM INTO ?", (str(snapshot / file.name),))
    else:
        for file in snapshot.iterdir():
            shutil.copyfile(file, new.with_name(file.name))
    if module.after_upgrade and not module.stored:
        module.after_upgrade()
