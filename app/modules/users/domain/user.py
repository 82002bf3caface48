"""An account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Invalid

ROLES = ("customer", "staff", "admin")


@dataclass(eq=False, kw_only=True)
class User:
    """Someone with an account. Tokens carry `epoch`; raising it ends every one of them."""

    id: UUID
    email: str  # email.as_kept
    name: str
    password_hash: str
    role: str
    created_at: datetime
    epoch: int = 0
    disabled: bool = False
    version: int = 1

    @property
    def governs(self) -> bool:
        """Whether this is one of the admins who can let others in."""
        return self.role == "admin" and not self.disabled

    def rename(self, name: str) -> None:
        """Be called something else."""
        self.name = name
        self.version += 1

    def rehash(self, password_hash: str) -> None:
        """The same password, hashed at today's cost: nobody is signed out for that."""
        self.password_hash = password_hash
        self.version += 1

    def change_password(self, password_hash: str) -> None:
        """Another password: whoever came in with the old one is out."""
        self.password_hash = password_hash
        self.end_every_token()

    def take_role(self, role: str) -> None:
        """Another role: tokens that carry the old one no longer count."""
        if role not in ROLES:
            raise Invalid("unknown_role", f"a role is one of {', '.join(ROLES)}")
        self.role = role
        self.end_every_token()

    def disable(self, disabled: bool) -> None:
        """Shut out, or let in again; either way with no token from before."""
        self.disabled = disabled
        self.end_every_token()

    def end_every_token(self) -> None:
        """Access tokens signed until now no longer count, anywhere."""
        self.epoch += 1
        self.version += 1
