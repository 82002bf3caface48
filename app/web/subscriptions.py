"""What every module listens to, so that it can tell by itself whose tokens count."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete

from app.bus.contracts.users import AccessChanged, SessionEnded, SigningKeyPublished
from app.bus.subscription import Connected, Subscriptions, projection
from app.kernel import clock
from app.kernel.database import forward, insert_if_absent
from app.web.root_keys import root_of
from app.web.tables import ended_sessions, epochs, trusted_keys

log = logging.getLogger(__name__)


def when_access_changed(work: Connected, event: AccessChanged) -> None:
    """Know from which epoch on a user's tokens count."""
    row = {
        "user_id": UUID(event.user_id),
        "epoch": event.epoch,
        "disabled": event.disabled,
        "version": event.version,
        "revision": event.revision,
    }
    forward(work.connection, epochs, "user_id", row)


def when_session_ended(work: Connected, event: SessionEnded) -> None:
    """Know that a sign-in is over."""
    row = {"session_id": UUID(event.session_id), "received_at": clock.now()}
    insert_if_absent(work.connection, ended_sessions, row)


def prune_ended_sessions(connection: Connection, before: datetime) -> int:
    """Forget sign-ins that ended before then; their tokens have expired. Returns how many."""
    return connection.execute(delete(ended_sessions).where(ended_sessions.c.received_at < before)).rowcount


def subscriptions(roots: Sequence[str]) -> Subscriptions:
    """By these root keys."""

    def when_signing_key_published(work: Connected, event: SigningKeyPublished) -> None:
        """Know a key, or that it is retired; only where a root key has signed what is said of it."""
        root = root_of(event, roots)
        if root is None:
            log.warning("key %.64r may not sign tokens: no root key has signed what is said of it", event.kid)
            return
        row = {
            "kid": event.kid,
            "root": root,
            "public_key": event.public_key,
            "retired": event.retired,
            "version": event.version,
            "revision": event.revision,
        }
        forward(work.connection, trusted_keys, "kid,root", row)

    return {
        SigningKeyPublished: projection(when_signing_key_published),
        AccessChanged: projection(when_access_changed),
        SessionEnded: projection(when_session_ended),
    }
