"""Root keys: a key that signs access tokens is trusted only if a root key has signed the event that publishes it.

Everyone with write access to the topic of users can publish such an event, but only users has the private root key. The
keys are Ed25519. ROOT_PUBLIC_KEYS of every module has the public keys, each as the base64 of its 32 bytes.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, bindparam, or_, select

from app.bus.contracts.users import SigningKeyPublished
from app.kernel import clock
from app.kernel.database import Database
from app.web.tables import trusted_keys

PURPOSE = b"quartet users.signing_key_published.v1\n"  # so that a signature is valid for nothing else
DEVELOPMENT_PRIVATE = base64.urlsafe_b64encode(b"quartet: a key known to everyone").decode()  # refused in production
TRUSTED = or_(
    trusted_keys.c.root.in_(bindparam("roots", expanding=True)),
    trusted_keys.c.until > bindparam("now", type_=trusted_keys.c.until.type),
)
KEY = (
    select(trusted_keys.c.public_key, trusted_keys.c.retired)
    .where(trusted_keys.c.kid == bindparam("kid"), TRUSTED)
    .order_by(trusted_keys.c.until.is_not(None), trusted_keys.c.version.desc())
    .limit(1)
)
ANY = select(trusted_keys.c.kid).where(TRUSTED).limit(1)


def sign(event: SigningKeyPublished, root: Ed25519PrivateKey) -> SigningKeyPublished:
    """The event with the root key's signature of all its other fields."""
    return replace(event, signature=base64.urlsafe_b64encode(root.sign(_signed(event))).decode())


def root_of(event: SigningKeyPublished, roots: Sequence[str]) -> str | None:
    """The one of these root keys that has signed the event, or None."""
    try:
        signature = base64.b64decode(event.signature, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return next((root for root in roots if _verifies(root, signature, _signed(event))), None)


def public_half(root: Ed25519PrivateKey) -> str:
    """The public key in the format of ROOT_PUBLIC_KEYS."""
    return base64.urlsafe_b64encode(root.public_key().public_bytes_raw()).decode()


def new_root() -> tuple[str, str]:
    """A new key pair: the private key and the public key, each as the base64 of its 32 bytes."""
    root = Ed25519PrivateKey.generate()
    return base64.urlsafe_b64encode(root.private_bytes_raw()).decode(), public_half(root)


def trusted_key(connection: Connection, kid: str, roots: Sequence[str]) -> str | None:
    """The PEM of the key with this id, or None if it is unknown, not trusted, or retired.

    A row that a root key has signed takes precedence over one from before there were root keys.
    """
    row = connection.execute(KEY, {"kid": kid, "roots": roots, "now": clock.now()}).first()
    return None if row is None or row.retired else str(row.public_key)


def knows_a_key(database: Database, roots: Sequence[str]) -> bool:
    """Whether the database has at least one trusted signing key, without which no token can be verified."""
    with database.read() as connection:
        return connection.execute(ANY, {"roots": roots, "now": clock.now()}).first() is not None


def _signed(event: SigningKeyPublished) -> bytes:
    parts = (event.kid, event.algorithm, event.public_key, event.retired, event.version, event.revision)
    return PURPOSE + msgspec.json.encode(parts)


def _verifies(root: str, signature: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(root)).verify(signature, content)
    except InvalidSignature:
        return False
    return True
