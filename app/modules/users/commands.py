"""`flask users …`"""

import sys
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from app.config import Settings
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.errors import Refused
from app.kernel.transaction import Transaction
from app.modules.users.domain.email import as_kept
from app.modules.users.domain.password import accept_password
from app.modules.users.domain.signing_key import SigningKey, signing
from app.modules.users.ports import Passwords, Tokens, Work
from app.modules.users.use_cases.announce import Announce
from app.modules.users.use_cases.make_admin import MakeAdmin
from app.modules.users.use_cases.publish_signing_key import PublishSigningKey
from app.web.commands import Commands
from app.web.transaction import adapter_of, reading_of, transaction_of

users = Commands("users", help="Admins, signing keys, and saying again whose tokens count.")
keys = AppGroup("keys", help="The keys that sign access tokens.")
users.add_command(keys)

transaction: Transaction[Work] = transaction_of("users")
reading: Transaction[Work] = reading_of("users")
passwords: Passwords = adapter_of("users", "passwords")
tokens: Tokens = adapter_of("users", "tokens")


@users.command("create-admin")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_admin(email: str, password_stdin: bool) -> None:
    """Make an admin of EMAIL: a new account, or the one there is, with the password it has."""
    try:
        email = as_kept(email)
    except Refused as refused:
        raise click.BadParameter(refused.sentence) from None
    if not 3 <= len(email) <= 254 or "@" not in email[1:-1]:
        raise click.BadParameter(f"{email!r} is not an e-mail address")
    with transaction() as work:
        promoted = MakeAdmin(work).promote(email)
    if promoted:
        click.echo(f"{email} is an admin; the password is as it was.")
        return
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    try:
        accept_password(password, email)
        hashed = passwords.hash(password)
        with transaction() as work:
            MakeAdmin(work).open(email, hashed, clock.now())
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    click.echo(f"{email} is an admin.")


@keys.command("rotate")
def rotate() -> None:
    """Make a key that signs once it has spread. Nobody is signed out: the old one verifies its last tokens."""
    settings: Settings = current_app.extensions["quartet_settings"]
    with transaction() as work:
        key = PublishSigningKey(work, tokens).execute(clock.now(), timedelta(seconds=settings.key_spread_seconds))
    click.echo(f"{key.kid} signs from {rfc3339(key.active_from)}.")


@keys.command("list")
def list_keys() -> None:
    """Every key, oldest first, and what it does now."""
    with reading() as work:
        found = work.signing_keys.all()
    now = clock.now()
    for key in found:
        state = _state(key, signing(found, now), key.active_from > now)
        click.echo(f"{key.kid}  from {rfc3339(key.active_from)}  {state}")
    if not found:
        click.echo("No key yet: run `flask db upgrade`.")


@users.command("announce")
def announce() -> None:
    """Say every key, and the access of everyone whose tokens were ever ended, again."""
    saying = Announce(transaction)
    keys = saying.keys()
    with reading() as work:
        count = work.users.to_announce_count()
    with click.progressbar(length=count, label="Saying whose tokens ended") as bar:
        saying.access(bar.update)
    click.echo(f"Said again: {_counted(keys, 'key')}, and the access of {_counted(count, 'account')}.")


def _state(key: SigningKey, active: SigningKey | None, spreading: bool) -> str:
    if key.retired:
        return "retired"
    if spreading:
        return "spreading"
    return "signs" if key is active else "verifies"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
