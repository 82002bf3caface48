"""Know a device again that someone was signed in on."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.sessions.sign_in import account_of


@dataclass(frozen=True)
class KnownDevices:
    """By an access token of ours, expired or not (https://owasp.org/www-community: device cookies)."""

    reading: Transaction[UnitOfWork]
    tokens: Tokens

    def device_of(self, token: str, email: str) -> UUID | None:
        """The sign-in that the token is of; None where that was another account's, or all tokens of it were ended
        since: a new password is for shutting out whoever has an old token."""
        with self.reading() as uow:
            user = account_of(uow, email)
            keys = [key for key in uow.signing_keys.all() if not key.retired]
        earlier = self.tokens.earlier_sign_in(token, keys)
        if user is None or earlier is None or (earlier.user_id, earlier.epoch) != (user.id, user.epoch):
            return None
        return earlier.session_id
