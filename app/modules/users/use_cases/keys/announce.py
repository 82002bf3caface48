"""Say again whose tokens count, for a module that has lost its copy or is new."""

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, Work
from app.modules.users.use_cases.accounts.register import access_of

BATCH = 500  # users a transaction


@dataclass(frozen=True)
class Announce:
    """Full state with its version: whoever knows it already, or knows newer, is not moved by it."""

    transaction: Transaction[Work]
    tokens: Tokens

    def unsigned_keys(self) -> None:
        """Those that the root key of now has not signed: after an upgrade, or where it is another one than before."""
        with self.transaction() as work:
            keys = work.signing_keys.unsigned_by(self.tokens.root)
            work.publish(*(self.tokens.announcement(key) for key in keys))

    def keys(self) -> int:
        """Every key, the retired ones too; returns how many."""
        with self.transaction() as work:
            keys = work.signing_keys.all()
            work.publish(*(self.tokens.announcement(key) for key in keys))
        return len(keys)

    def access(self, said: Callable[[int], object]) -> None:
        """Everyone with an epoch above 0, or disabled: of others, knowing nothing is right. Tells `said` how many."""
        after = None
        while True:
            with self.transaction() as work:
                users = work.users.to_announce(after, BATCH)
                work.publish(*(access_of(user) for user in users))
            if not users:
                return
            after = users[-1].id
            said(len(users))
