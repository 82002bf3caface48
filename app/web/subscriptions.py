"""The subscriptions of every module to events of users, so that each can verify access tokens by itself."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.bus.contracts.users import AccessChanged, SessionEnded, SigningKeyPublished
from app.bus.subscription import Connected, Subscriptions, projection
from app.kernel import clock
from app.kernel.deletes import delete_slice
from app.kernel.inserts import forward, insert_if_absent
from app.web.root_keys import root_of
from app.web.tables import ended_sessions, epochs, trusted_keys

log = logging.getLogger(__name__)


def when_access_changed(uow: Connected, event: AccessChanged) -> None:
    """Store the user's epoch, and whether the account is disabled: access tokens of earlier epochs are refused."""
    row = {
        "user_id": UUID(event.user_id),
        "epoch": event.epoch,
        "disabled": event.disabled,
        "version": event.version,
        "revision": event.revision,
    }
    forward(uow.connection, epochs, "user_id", row)


def when_session_ended(uow: Connected, event: SessionEnded) -> None:
    """Store that the session has ended: its access tokens are refused."""
    row = {"session_id": UUID(event.session_id), "received_at": clock.now()}
    insert_if_absent(uow.connection, ended_sessions, row)


def prune_ended_sessions(connection: Connection, before: datetime) -> int:
    """Delete a slice of the sessions that ended before this time, whose tokens have expired. Returns how many."""
    received_at = ended_sessions.c.received_at
    return delete_slice(connection, ended_sessions, received_at < before, first=received_at)


def subscriptions(roots: Sequence[str]) -> Subscriptions:
    """The subscriptions of a module that trusts these root keys."""

    def when_signing_key_published(uow: Connected, event: SigningKeyPublished) -> None:
        """Store a signing key of access tokens, or that it is retired. Ignored unless a root key has signed it."""
        root = root_of(event, roots)
        if root is None:
            log.warning("signing key %.64r is not trusted: none of ROOT_PUBLIC_KEYS has signed it", event.kid)
            return
        row = {
            "kid": event.kid,
            "root": root,
            "public_key": event.public_key,
            "retired": event.retired,
            "version": event.version,
            "revision": event.revision,
        }
        forward(uow.connection, trusted_keys, "kid,root", row)

    return {
        SigningKeyPublished: projection(when_signing_key_published),
        AccessChanged: projection(when_access_changed),
        SessionEnded: projection(when_session_ended),
    }
