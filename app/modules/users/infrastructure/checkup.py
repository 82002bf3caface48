"""What `flask doctor` looks at for users: whether the key that signs tokens can be opened."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from app.config import SettingsError
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.kernel.finding import Finding, ok, wrong
from app.kernel.transaction import Transaction
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.infrastructure.work import SqlWork


def key_check(reading: Transaction[SqlWork], tokens: JwtTokens) -> Iterator[Finding]:
    """With the secret that is set."""
    try:
        with reading() as work:
            tokens.open(work.signing_keys.active(clock.now()))
    except DBAPIError:
        return  # that is told by itself
    except Unavailable:
        yield wrong("signing", "users", "there is no key to sign tokens with: nobody can sign in", "flask db upgrade")
    except SettingsError:
        sentence = "SIGNING_KEY_SECRET is not the one that the signing key was encrypted with: nobody can sign in"
        yield wrong("signing", "users", sentence, "give the earlier one back, or: flask users keys rotate")
    else:
        yield ok("signing", "users", "the key that signs tokens can be opened")
