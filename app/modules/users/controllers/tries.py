"""Rate limits of password attempts."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from app.kernel.errors import Forbidden, Unauthorized
from app.web.limits import Share, address, count, hit_all

ADDRESS_SHARE = 3.0  # an address may sign in three times as often as it may to one account: offices share an address
ACCOUNT_SHARE = 1 / 3  # of an account's wrong passwords may come from one address, so that it cannot lock out the rest
WRONG = frozenset({"wrong_credentials", "wrong_password"})


@contextmanager
def password_attempt(account: str, device: UUID | None) -> Iterator[None]:
    """Verify a password in this block; wrong ones are counted. Raises TooMany above a limit.

    Unknown clients are counted by account and address together, and all of them by account. A known device (`device`
    is the id of a session of this account) is counted by itself, so that unknown clients cannot lock it out. Wrong
    passwords in concurrent requests may exceed the limit by the number of these requests.
    """
    if device is not None:
        sign_ins = [Share("login", f"device:{device}")]
        limits = {f"device:{device}": 1.0}
    else:
        here = address()
        sign_ins = [Share("login", here, ADDRESS_SHARE), Share("login", f"account:{account} {here}")]
        limits = {f"account:{account} {here}": ACCOUNT_SHARE, f"account:{account}": 1.0}
    hit_all(*sign_ins, *(Share("wrong_password", who, times, cost=0) for who, times in limits.items()))
    try:
        yield
    except (Unauthorized, Forbidden) as refused:
        if refused.code in WRONG:
            for who, times in limits.items():
                count("wrong_password", who, times)
        raise
