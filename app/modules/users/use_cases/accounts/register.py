"""Register an account."""

from dataclasses import dataclass
from datetime import datetime

from app.bus.contracts.users import AccessChanged, UserRegistered
from app.kernel.email import normalized
from app.kernel.ids import new_id
from app.modules.users.domain.user import User
from app.modules.users.ports import UnitOfWork


@dataclass(frozen=True)
class Register:
    """Open an account for an e-mail address that has none. Raises Conflict(email_taken)."""

    uow: UnitOfWork

    def execute(self, email: str, password_hash: str, name: str, now: datetime, role: str = "customer") -> User:
        user = User(
            id=new_id(),
            email=normalized(email),
            name=name,
            password_hash=password_hash,
            role=role,
            created_at=now,
        )
        self.uow.users.add(user)
        self.uow.publish(UserRegistered(user_id=str(user.id), version=user.version), access_of(user))
        return user


def access_of(user: User) -> AccessChanged:
    """The event that publishes the first epoch whose tokens of a user are valid."""
    return AccessChanged(user_id=str(user.id), epoch=user.epoch, disabled=user.disabled, version=user.version)
