"""An account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

ROLES = ("customer", "staff", "admin")


@dataclass(eq=False, kw_only=True)
class User:
    """Someone with an account. Tokens carry `epoch`; raising it ends every one of them."""

    id: UUID
    email: str  # in lower case
    name: str
    password_hash: str
    role: str
    created_at: datetime
    epoch: int = 0
    disabled: bool = False
    version: int = 1
