"""The scheduled tasks of users."""

from datetime import timedelta
from functools import partial

from app.kernel import clock
from app.kernel.errors import Stale
from app.kernel.slices import in_slices
from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.keys.announce import Announce
from app.modules.users.use_cases.keys.retire_signing_keys import RetireSigningKeys
from app.wiring import Schedule

RETENTION = timedelta(days=1)  # how long sessions are stored after their end


def retire_keys(transaction: Transaction[UnitOfWork], tokens: Tokens, token_life: timedelta) -> int:
    """Retire keys whose tokens have all expired. Returns their number; 0 if another process was first."""
    try:
        with transaction() as uow:
            return len(RetireSigningKeys(uow, tokens).execute(token_life, clock.now()))
    except Stale:
        return 0


def prune_sessions(transaction: Transaction[UnitOfWork]) -> int:
    """Delete sessions that ended more than a day ago, with their tokens. Returns their number."""
    return in_slices(transaction, lambda uow: uow.sessions.prune(clock.now() - RETENTION))


def schedules(transaction: Transaction[UnitOfWork], tokens: Tokens, token_life: timedelta) -> list[Schedule]:
    """Retire keys every minute; publish the keys again and delete old sessions every hour."""
    return [
        Schedule("users: retire keys", 60, partial(retire_keys, transaction, tokens, token_life)),
        Schedule("users: announce keys", 3600, Announce(transaction, tokens).keys),
        Schedule("users: prune sessions", 3600, partial(prune_sessions, transaction)),
    ]
