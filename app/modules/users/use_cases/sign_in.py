"""Sign in with e-mail address and password."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.errors import Unauthorized
from app.kernel.ids import new_id
from app.kernel.transaction import Transaction
from app.modules.users.ports import Passwords, Tokens, Work


@dataclass(frozen=True)
class SignIn:
    """Give an access token for the right password. The answer for a wrong one does not tell whether the account exists.

    Verifying takes tens of milliseconds on purpose, so it happens outside any transaction.
    """

    transaction: Transaction[Work]
    reading: Transaction[Work]
    passwords: Passwords
    tokens: Tokens

    def execute(self, email: str, password: str, now: datetime) -> str:
        """Raises Unauthorized(wrong_credentials)."""
        with self.reading() as work:
            user = work.users.with_email(email)
        if not self.passwords.matches(user.password_hash if user else None, password) or user is None or user.disabled:
            raise Unauthorized("wrong_credentials", "the e-mail address or the password is wrong")
        with self.transaction() as work:
            return self.tokens.access_token(work.signing_keys.active(now), user, new_id(), now)
