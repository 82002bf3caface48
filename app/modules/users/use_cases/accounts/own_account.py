"""The account of whoever is signed in."""

from uuid import UUID

from app.kernel.errors import NotFound, Unauthorized
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork


def own_account(uow: UnitOfWork, user_id: UUID) -> User:
    """A token outlives its account by minutes. Raises Unauthorized(account_gone) then."""
    try:
        return uow.users.get(user_id)
    except NotFound:
        raise Unauthorized("account_gone", "the account of this sign-in does not exist: sign in again") from None
