"""How often a password may be tried, by whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from app.kernel.errors import Forbidden, Unauthorized
from app.web.limits import address, count, hit, refuse_over

ADDRESS_SHARE = 3.0  # sign-ins from an address, for each that it may try of one account: offices share one address
ACCOUNT_SHARE = 1 / 3  # of the wrong passwords of an account, from one address: no single one shuts all others out
WRONG = frozenset({"wrong_credentials", "wrong_password"})


@contextmanager
def one_try(account: str, device: UUID | None) -> Iterator[None]:
    """A password is tried in this block. Raises TooMany where that is too often.

    Strangers are counted by account and address together, and all of them by account. `device`, a sign-in of this
    account, is counted by itself: what strangers do does not shut it out. Wrong ones that are tried at the very same
    moment may go beyond the limit by so many as are tried at once.
    """
    if device is not None:
        hit("login", f"device:{device}")
        stock_counts = {f"device:{device}": 1.0}
    else:
        here = address()
        hit("login", here, ADDRESS_SHARE)
        hit("login", f"account:{account} {here}")
        stock_counts = {f"account:{account} {here}": ACCOUNT_SHARE, f"account:{account}": 1.0}
    for who, times in stock_counts.items():
        refuse_over("wrong_password", who, times)
    try:
        yield
    except (Unauthorized, Forbidden) as refused:
        if refused.code in WRONG:
            for who, times in stock_counts.items():
                count("wrong_password", who, times)
        raise
