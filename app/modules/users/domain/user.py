"""Accounts and roles."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.kernel.email import normalized, normalized_prefix
from app.kernel.errors import Invalid

ROLES = ("customer", "staff", "admin")


@dataclass(eq=False, kw_only=True)
class User:
    """An account. Its tokens carry `epoch`; raising the epoch revokes all of them."""

    id: UUID
    email: str  # email.normalized
    name: str
    password_hash: str
    role: str
    created_at: datetime
    epoch: int = 0
    disabled: bool = False
    external_reference: str | None = None  # its id in another system; no two accounts have the same
    metadata: dict[str, str] = field(default_factory=dict)  # for other systems; its owner never sees it
    version: int = 1

    @property
    def is_active_admin(self) -> bool:
        """Whether this is an admin who is not disabled."""
        return self.role == "admin" and not self.disabled

    def rename(self, name: str) -> None:
        self.name = name
        self.version += 1

    def change_record(self, changes: Mapping[str, object]) -> bool:
        """Set the external reference or the metadata, by name. Returns whether anything has changed."""
        different = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in different.items():
            setattr(self, name, value)
        self.version += bool(different)
        return bool(different)

    def rehash(self, password_hash: str) -> None:
        """Store the same password, hashed at the current cost. All sessions stay valid."""
        self.password_hash = password_hash
        self.version += 1

    def change_password(self, password_hash: str) -> None:
        """Set another password. Sessions that were opened with the old one end."""
        self.password_hash = password_hash
        self.end_every_token()

    def take_role(self, role: str) -> None:
        """Set another role. Tokens that carry the old one become invalid. Raises Invalid(unknown_role)."""
        if role not in ROLES:
            raise Invalid("unknown_role", f"a role is one of {', '.join(ROLES)}")
        self.role = role
        self.end_every_token()

    def disable(self, disabled: bool) -> None:
        """Disable the account, or enable it again; either way all earlier tokens become invalid."""
        self.disabled = disabled
        self.end_every_token()

    def end_every_token(self) -> None:
        """Revoke all access tokens signed so far, in every module."""
        self.epoch += 1
        self.version += 1


def email_beginnings(typed: str) -> tuple[str, ...]:
    """The beginnings that the stored address may have when someone has typed this much of it, or all of it.

    A part of a domain cannot be turned into A-labels, a whole one can; and some addresses are stored as they were sent.
    """
    found = {normalized_prefix(typed)}
    with suppress(Invalid):
        found.add(normalized(typed))
    return tuple(sorted(found))
