"""Say again whose tokens count, for a module that has lost its copy or is new."""

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.accounts.register import access_of

BATCH = 500  # users a transaction


@dataclass(frozen=True)
class Announce:
    """Full state with its version: whoever knows it already, or knows newer, is not moved by it."""

    transaction: Transaction[UnitOfWork]
    tokens: Tokens

    def unsigned_keys(self) -> None:
        """Those that the root key of now has not signed: after an upgrade, or where it is another one than before."""
        with self.transaction() as uow:
            keys = uow.signing_keys.unsigned_by(self.tokens.root)
            uow.publish(*(self.tokens.announcement(key) for key in keys))

    def keys(self) -> int:
        """Every key, the retired ones too; returns how many."""
        with self.transaction() as uow:
            keys = uow.signing_keys.all()
            uow.publish(*(self.tokens.announcement(key) for key in keys))
        return len(keys)

    def access(self, progress: Callable[[int], object]) -> None:
        """Publish who has an epoch above 0 or is disabled; others have the default. `progress` gets the count."""
        after = None
        while True:
            with self.transaction() as uow:
                users = uow.users.to_announce(after, BATCH)
                uow.publish(*(access_of(user) for user in users))
            if not users:
                return
            after = users[-1].id
            progress(len(users))
