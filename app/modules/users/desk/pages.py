"""All pages of users."""

from app.desk.pages import Pages
from app.kernel.transaction import Transaction
from app.modules.users.desk.accounts import add_accounts
from app.modules.users.desk.found import add_found
from app.modules.users.desk.sign_in import Attempt, add_sign_in
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.sessions.refresh import Refresh
from app.modules.users.use_cases.sessions.sign_in import SignIn


def users_pages(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    sign_in: SignIn,
    attempt: Attempt,
    refresh: Refresh,
    token_seconds: int,
) -> Pages:
    pages = Pages("users", __name__)
    add_sign_in(pages, transaction, sign_in, attempt, refresh, token_seconds)
    add_accounts(pages, transaction, reading)
    add_found(pages, reading)
    return pages
