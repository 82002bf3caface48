"""Demo accounts, one of each role."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.transaction import Transaction
from app.modules.users.ports import Passwords, UnitOfWork
from app.modules.users.use_cases.accounts.register import Register

PASSWORD = "four parts one tune"  # noqa: S105 — printed in the banner; never in production
ACCOUNTS = {
    "demo@quartet.example": ("Dana Demo", "customer"),
    "staff@quartet.example": ("Sam Staff", "staff"),
    "admin@quartet.example": ("Ada Admin", "admin"),
}


@dataclass(frozen=True)
class OpenDemoAccounts:
    """Existing accounts stay as they are. The password is public, so never use it in production."""

    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords

    def execute(self, now: datetime) -> None:
        with self.reading() as uow:
            missing = [email for email in ACCOUNTS if uow.users.with_email(email) is None]
        if not missing:
            return
        hashed = self.passwords.hash(PASSWORD)
        with self.transaction() as uow:
            for email in missing:
                name, role = ACCOUNTS[email]
                Register(uow).execute(email, hashed, name, now, role)
