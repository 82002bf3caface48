"""Publish again which keys and tokens are valid, for a module that has lost its copy or is new."""

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.accounts.register import access_of

BATCH = 500  # users per transaction


@dataclass(frozen=True)
class Announce:
    """Publishes snapshots: a module that already has this version, or a newer one, ignores them."""

    transaction: Transaction[UnitOfWork]
    tokens: Tokens

    def unsigned_keys(self) -> None:
        """Publish the keys that the current root key has not signed: after an upgrade or a change of the root key."""
        with self.transaction() as uow:
            keys = uow.signing_keys.unsigned_by(self.tokens.root)
            uow.publish(*(self.tokens.announcement(key) for key in keys))

    def keys(self) -> int:
        """Publish every key, including retired ones. Returns their number."""
        with self.transaction() as uow:
            keys = uow.signing_keys.all()
            uow.publish(*(self.tokens.announcement(key) for key in keys))
        return len(keys)

    def access(self, progress: Callable[[int], object]) -> None:
        """Publish the access of accounts with an epoch above 0 or disabled; the other accounts have the default.

        `progress` is called with the number of accounts of each batch.
        """
        after = None
        while True:
            with self.transaction() as uow:
                users = uow.users.to_announce(after, BATCH)
                uow.publish(*(access_of(user) for user in users))
            if not users:
                return
            after = users[-1].id
            progress(len(users))
