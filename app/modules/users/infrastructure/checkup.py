"""The checks of `flask doctor` for users: the key that signs tokens, and addresses that could not be normalized."""

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from app.config.reading import SettingsError
from app.kernel import clock
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.kernel.email import normalized
from app.kernel.errors import Invalid, Unavailable
from app.kernel.transaction import Transaction
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.infrastructure.unit_of_work import SqlUnitOfWork

NAMED = 20  # accounts that a check result names, at most


def key_check(reading: Transaction[SqlUnitOfWork], tokens: JwtTokens) -> Iterator[CheckResult]:
    """Whether there is a signing key, and SIGNING_KEY_SECRET decrypts it."""
    try:
        with reading() as uow:
            tokens.open(uow.signing_keys.active(clock.now()))
    except DBAPIError:
        return  # the check of databases reports this
    except Unavailable:
        yield wrong("signing", "users", "there is no key that signs tokens: nobody can sign in", "flask db upgrade")
    except SettingsError:
        sentence = "SIGNING_KEY_SECRET is not the one that the signing key was encrypted with: nobody can sign in"
        yield wrong("signing", "users", sentence, "restore the earlier secret, or: flask users keys rotate")
    else:
        yield ok("signing", "users", "the key that signs tokens can be decrypted")


def address_check(reading: Transaction[SqlUnitOfWork]) -> Iterator[CheckResult]:
    """Accounts whose stored address is not normalized, because another account has the normalized form."""
    try:
        with reading() as uow:
            found = [user for user in uow.users.with_non_ascii_email() if not _is_normalized(user.email)]
    except DBAPIError:
        return  # the check of databases reports this
    if not found:
        yield ok("addresses", "users", "the address of every account is normalized")
        return
    named = ", ".join(str(user.id) for user in found[:NAMED]) + (", …" if len(found) > NAMED else "")
    sentence = f"{len(found)} accounts have an address whose normalized form belongs to another account: {named}"
    yield warn("addresses", "users", sentence, "ask their owners which account to keep; both can still sign in")


def _is_normalized(email: str) -> bool:
    try:
        return normalized(email) == email
    except Invalid:
        return False
