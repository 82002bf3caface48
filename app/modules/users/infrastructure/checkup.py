"""What `flask doctor` looks at for users: the key that signs tokens, and addresses that could not be folded."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from app.config.reading import SettingsError
from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.kernel.errors import Invalid, Unavailable
from app.kernel.transaction import Transaction
from app.modules.users.domain.email import as_kept
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.infrastructure.unit_of_work import SqlUnitOfWork

NAMED = 20  # accounts, at most


def key_check(reading: Transaction[SqlUnitOfWork], tokens: JwtTokens) -> Iterator[CheckResult]:
    """With the secret that is set."""
    try:
        with reading() as uow:
            tokens.open(uow.signing_keys.active(clock.now()))
    except DBAPIError:
        return  # that is told by itself
    except Unavailable:
        yield wrong("signing", "users", "there is no key to sign tokens with: nobody can sign in", "flask db upgrade")
    except SettingsError:
        sentence = "SIGNING_KEY_SECRET is not the one that the signing key was encrypted with: nobody can sign in"
        yield wrong("signing", "users", sentence, "give the earlier one back, or: flask users keys rotate")
    else:
        yield ok("signing", "users", "the key that signs tokens can be opened")


def address_check(reading: Transaction[SqlUnitOfWork]) -> Iterator[CheckResult]:
    """Accounts that keep a spelling of their address that nobody gets any more."""
    try:
        with reading() as uow:
            found = [user for user in uow.users.spelt_oddly() if not _is_kept(user.email)]
    except DBAPIError:
        return  # that is told by itself
    if not found:
        yield ok("addresses", "users", "every account has its address as it is kept today")
        return
    named = ", ".join(str(user.id) for user in found[:NAMED]) + (", …" if len(found) > NAMED else "")
    sentence = f"{len(found)} accounts have an address whose new spelling is another account's: {named}"
    yield warn("addresses", "users", sentence, "ask their owners which to keep; they sign in as before")


def _is_kept(email: str) -> bool:
    try:
        return as_kept(email) == email
    except Invalid:
        return False
