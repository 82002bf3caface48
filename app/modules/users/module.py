"""users, put together: the one file that knows all the others."""

from datetime import timedelta

from app.config import Settings
from app.kernel import clock
from app.kernel.database import Database
from app.modules.users.controllers import accounts, auth
from app.modules.users.infrastructure import tables
from app.modules.users.infrastructure.passwords import Argon2Passwords
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.infrastructure.work import reading_on, transaction_on
from app.modules.users.subscriptions import SUBSCRIPTIONS
from app.modules.users.use_cases.publish_signing_key import PublishSigningKey
from app.wiring import Module


def users(settings: Settings) -> Module:
    """The module as these settings make it."""
    database = Database(settings.users_database)
    transaction, tokens = transaction_on(database), JwtTokens(settings)

    def first_signing_key() -> None:
        with transaction() as work:
            if not work.signing_keys.all():
                PublishSigningKey(work, tokens).execute(clock.now(), timedelta())

    return Module(
        name="users",
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading_on(database),
        adapters={"passwords": Argon2Passwords(), "tokens": tokens},
        blueprints=[accounts.blp, auth.blp],
        subscriptions=SUBSCRIPTIONS,
        after_upgrade=first_signing_key,
    )
