"""The account of the signed-in user."""

from uuid import UUID

from app.kernel.errors import NotFound, Unauthorized
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork


def own_account(uow: UnitOfWork, user_id: UUID) -> User:
    """Raises Unauthorized(account_gone): a token may outlive its account by minutes."""
    try:
        return uow.users.get(user_id)
    except NotFound:
        raise Unauthorized("account_gone", "the account of this session no longer exists: sign in again") from None
