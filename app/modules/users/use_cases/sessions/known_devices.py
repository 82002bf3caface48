"""Recognise a device on which the user has signed in before."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.users.ports import Tokens, UnitOfWork
from app.modules.users.use_cases.sessions.sign_in import account_of


@dataclass(frozen=True)
class KnownDevices:
    """Identified by an access token of ours, expired or not (https://owasp.org/www-community: device cookies)."""

    reading: Transaction[UnitOfWork]
    tokens: Tokens

    def device_of(self, token: str, email: str) -> UUID | None:
        """The id of the token's session. None if the token belongs to another account, or if all tokens of the account
        were revoked since: a new password must lock out anyone who has an old token."""
        with self.reading() as uow:
            user = account_of(uow, email)
            keys = [key for key in uow.signing_keys.all() if not key.retired]
        earlier = self.tokens.earlier_sign_in(token, keys)
        if user is None or earlier is None or (earlier.user_id, earlier.epoch) != (user.id, user.epoch):
            return None
        return earlier.session_id
