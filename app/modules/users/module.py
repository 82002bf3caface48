"""Wires users together; the only file that imports all the others."""

from datetime import timedelta
from functools import partial

from app.config.settings import Settings
from app.kernel import clock
from app.kernel.database import Database
from app.modules.users.commands import commands
from app.modules.users.controllers.accounts import users_blueprint
from app.modules.users.controllers.addresses.addresses import addresses_blueprint
from app.modules.users.controllers.auth import auth_blueprint
from app.modules.users.controllers.jwks import jwks_blueprint
from app.modules.users.controllers.me import me_blueprint
from app.modules.users.controllers.tries import password_attempt
from app.modules.users.desk.pages import users_pages
from app.modules.users.infrastructure import tables
from app.modules.users.infrastructure.checkup import address_check, key_check
from app.modules.users.infrastructure.metrics import count_sign_in
from app.modules.users.infrastructure.passwords import Argon2Passwords, seats_by_cores
from app.modules.users.infrastructure.tokens import JwtTokens
from app.modules.users.infrastructure.unit_of_work import reading_on, transaction_on
from app.modules.users.ports import Passwords
from app.modules.users.schedules import schedules
from app.modules.users.settings import UsersSettings
from app.modules.users.subscriptions import SUBSCRIPTIONS
from app.modules.users.use_cases.accounts.change_password import ChangePassword
from app.modules.users.use_cases.accounts.open_demo_accounts import ACCOUNTS, PASSWORD, OpenDemoAccounts
from app.modules.users.use_cases.keys.announce import Announce
from app.modules.users.use_cases.keys.publish_signing_key import PublishSigningKey
from app.modules.users.use_cases.sessions.known_devices import KnownDevices
from app.modules.users.use_cases.sessions.refresh import Refresh
from app.modules.users.use_cases.sessions.sign_in import SignIn
from app.web.subscriptions import subscriptions
from app.wiring import Module


def users(settings: Settings, passwords: Passwords | None = None) -> Module:
    """Builds the module from the settings. `passwords` replaces the hashing, for tests."""
    own = settings.own(UsersSettings)
    database = Database(settings.database_of("users", own.database))
    subscribed, tokens = subscriptions(settings.root_public_keys), JwtTokens(settings, own)
    transaction, reading = transaction_on(database, subscribed), reading_on(database, subscribed)
    workers = settings.workers if settings.kafka_servers else 1
    passwords = passwords or Argon2Passwords(own.hashes_at_once or seats_by_cores(workers))
    max_life, token_seconds = timedelta(days=own.refresh_token_days), settings.access_token_seconds
    sign_in = SignIn(transaction, reading, passwords, tokens, max_life, count_sign_in)
    refresh, change_password = Refresh(transaction, tokens), ChangePassword(transaction, reading, passwords, tokens)

    def first_signing_key() -> None:
        """Make the first key, if there is none. Raises SettingsError if the secret does not decrypt the active key."""
        with transaction() as uow:
            if not uow.signing_keys.all():
                PublishSigningKey(uow, tokens).execute(clock.now(), timedelta())
        Announce(transaction, tokens).unsigned_keys()
        with reading() as uow:
            tokens.open(uow.signing_keys.active(clock.now()))

    def demo() -> None:
        OpenDemoAccounts(transaction, reading, passwords).execute(clock.now())

    return Module(
        name="users",
        settings=own,
        limits={
            "login": own.limit_login,
            "wrong_password": own.limit_wrong_passwords,
            "registration": own.limit_registration,
        },
        database=database,
        metadata=tables.metadata,
        transaction=transaction,
        reading=reading,
        root_keys=settings.root_public_keys,
        metrics_port=6000,
        blueprints=[
            users_blueprint(transaction, reading, passwords),
            me_blueprint(transaction, reading, change_password, token_seconds),
            addresses_blueprint(transaction, reading),
            auth_blueprint(transaction, sign_in, KnownDevices(reading, tokens), refresh, token_seconds),
        ],
        desk=[users_pages(transaction, reading, sign_in, password_attempt, refresh, token_seconds)],
        root_blueprints=[jwks_blueprint(reading, tokens)],
        subscriptions=SUBSCRIPTIONS,
        schedules=schedules(transaction, tokens, timedelta(seconds=token_seconds)),
        after_upgrade=first_signing_key,
        demo=demo,
        demo_notes=[f"accounts   {' · '.join(ACCOUNTS)}, password: {PASSWORD}"],
        commands=[commands(transaction, reading, passwords, tokens, timedelta(seconds=own.key_spread_seconds))],
        checkups={"signing": partial(key_check, reading, tokens), "addresses": partial(address_check, reading)},
    )
