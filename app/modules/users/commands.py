"""`flask users …`"""

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup
from marshmallow import ValidationError

from app.cli.shell import AS_JSON, Reason, print_items, who
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.transaction import Transaction
from app.modules.users.domain.password import accept_password
from app.modules.users.domain.signing_key import SigningKey, signing
from app.modules.users.ports import Passwords, Tokens, UnitOfWork
from app.modules.users.use_cases.accounts.make_admin import Candidate, MakeAdmin, candidate
from app.modules.users.use_cases.keys.announce import Announce
from app.modules.users.use_cases.keys.publish_signing_key import PublishSigningKey
from app.web.commands import Commands
from app.web.emails import Email

EMAIL = Email(required=True)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


def commands(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    passwords: Passwords,
    tokens: Tokens,
    spread: timedelta,
) -> Commands:
    """The commands of users. A new signing key becomes active `spread` after its creation."""
    users = Commands("users", help="Admins, signing keys, and publishing again which access tokens are valid.")
    keys = AppGroup("keys", help="The keys that sign access tokens.")
    users.add_command(keys)
    _creating(users, _Admins(transaction, reading, passwords))
    _roots(users, tokens)
    _keys(keys, transaction, reading, tokens, spread)
    _announcing(users, transaction, reading, tokens)
    return users


@dataclass(frozen=True)
class _Admins:
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords

    def open(self, email: str, given: str | None, reason: str) -> None:
        with self.reading() as uow:
            taken = uow.users.with_email(email)
        if taken:
            raise click.ClickException(
                f"an account for {email} has existed since {rfc3339(taken.created_at)}, with its owner's password; "
                "nothing was changed. To make this account an admin, use --promote."
            )
        hashed = self.passwords.hash(_password(email, given))
        with self.transaction() as uow:
            MakeAdmin(uow, who(), reason).open(email, hashed, clock.now())
        click.echo(f"{email} is an admin.")

    def promote(self, email: str, yes: bool, given: str | None, reason: str) -> None:
        if given is not None and not yes:
            raise click.UsageError(
                "a password from a file, stdin or the environment leaves no terminal to confirm at: add --yes"
            )
        with self.reading() as uow:
            found = candidate(uow, email)
        click.echo(_known(found, email))
        if not yes:
            click.confirm("Anyone could have registered this address. Make the account an admin?", abort=True)
        password = _password(email, given, optional=True)
        hashed = self.passwords.hash(password) if password else None
        with self.transaction() as uow:
            MakeAdmin(uow, who(), reason).promote(found.user.id, hashed, clock.now())
        click.echo(
            f"{email} is an admin, with {'the new' if hashed else 'its own'} password. All its sessions have ended."
        )


def _creating(users: Commands, admins: _Admins) -> None:
    @users.command("create-admin")
    @click.argument("email")
    @click.option("--promote", is_flag=True, help="Promote the existing account, after showing its details.")
    @click.option("--yes", is_flag=True, help="With --promote: do not ask for confirmation.")
    @click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
    @click.option(
        "--password-file",
        type=click.File(encoding="utf-8-sig"),
        help="Read the password from the first line of a file.",
    )
    @click.option(
        "--reason", default="from the command line", type=Reason(), help="The reason; recorded with your name."
    )
    def create_admin(
        email: str, promote: bool, yes: bool, password_stdin: bool, password_file: IO[str] | None, reason: str
    ) -> None:
        """Create an admin account for EMAIL.

        The command prompts for the password. Without a terminal, use --password-stdin or --password-file, or set
        ADMIN_PASSWORD in the environment.

        If an account with this address exists, the command refuses: the person who registered it has its password.
        With --promote the existing account becomes an admin, with a new password or with its own; all its sessions end.
        """
        if password_stdin and password_file:
            raise click.UsageError("give one of --password-stdin and --password-file")
        email, given = _address(email), _given(password_stdin, password_file)
        if promote:
            admins.promote(email, yes, given, reason)
        else:
            admins.open(email, given, reason)


def _given(from_stdin: bool, file: IO[str] | None) -> str | None:
    """The password from stdin, the file or the environment; None if it must be typed at the terminal."""
    if source := sys.stdin if from_stdin else file:
        return source.readline().rstrip("\r\n")
    return os.environ.get("ADMIN_PASSWORD")


def _address(email: str) -> str:
    """The address in its normalized form. Refuses one that the API refuses: nobody could sign in with it."""
    try:
        return str(EMAIL.deserialize(email))
    except ValidationError as wrong:
        raise click.BadParameter(f"{email!r} is not an e-mail address: {' '.join(wrong.messages)}") from None


def _known(found: Candidate, email: str) -> str:
    user, used = found.user, rfc3339(found.last_used) if found.last_used else "no session of the last day is stored"
    shut_out = ", shut out" if user.disabled else ""
    return f"{email}: {user.role}{shut_out}, opened {rfc3339(user.created_at)}, last used: {used}"


def _password(email: str, given: str | None, *, optional: bool = False) -> str:
    """The given or typed password, checked as a new one is in the API. With `optional` it may be empty."""
    password = _typed(optional) if given is None else given
    if password or given is not None or not optional:
        accept_password(password, email)
    return password


def _typed(optional: bool) -> str:
    label, default = ("New password (empty: keep the current one)", "") if optional else ("Password", None)
    try:
        typed: str = click.prompt(label, default, hide_input=True, confirmation_prompt=True, show_default=False)
    except click.Abort:
        raise click.UsageError(
            "no password: type one at a terminal, or use --password-stdin, --password-file or ADMIN_PASSWORD"
        ) from None
    return typed


def _roots(users: Commands, tokens: Tokens) -> None:
    @users.command("make-root")
    @click.option("--file", type=NEW_FILE, help="Write the private key to this new file, with mode 0600.")
    def make_root(file: Path | None) -> None:
        """Make a root key pair and print it as settings. Nothing else changes; see docs/security.md for its use."""
        private, public = tokens.new_root()
        click.echo(f"# every module\nROOT_PUBLIC_KEYS={public}\n# only users")
        if file is None:
            click.echo(f"ROOT_PRIVATE_KEY={private}")
            return
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
                new.write(f"{private}\n")
        except OSError as error:
            raise click.ClickException(f"cannot write {file}: {error.strerror}") from None
        click.echo(f"ROOT_PRIVATE_KEY_FILE={file.absolute()}")


def _keys(
    keys: AppGroup,
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    tokens: Tokens,
    spread: timedelta,
) -> None:
    @keys.command("rotate")
    def rotate() -> None:
        """Make a signing key. It becomes active once all modules had time to receive it.

        Nobody is signed out: the previous key still verifies the tokens that it signed.
        """
        with transaction() as uow:
            key = PublishSigningKey(uow, tokens).execute(clock.now(), spread)
            uow.trail.record(who(), "rotate signing keys", key.kid, "from the command line")
        click.echo(f"{key.kid} signs from {rfc3339(key.active_from)}.")

    @keys.command("list")
    @AS_JSON
    def list_keys(as_json: bool) -> None:
        """List all signing keys, oldest first, with their state: spreading, signs, verifies or retired."""
        with reading() as uow:
            found = uow.signing_keys.all()
        now = clock.now()
        rows = [(k.kid, rfc3339(k.active_from), _state(k, signing(found, now), k.active_from > now)) for k in found]
        if as_json:
            print_items([{"kid": kid, "active_from": since, "state": state} for kid, since, state in rows])
            return
        for kid, since, state in rows:
            click.echo(f"{kid}  from {since}  {state}")
        if not found:
            click.echo("There is no signing key yet: run `flask db upgrade`.")


def _announcing(
    users: Commands, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], tokens: Tokens
) -> None:
    @users.command("announce")
    def announce() -> None:
        """Publish all signing keys again, and the access of every account whose tokens were ever revoked."""
        publishing = Announce(transaction, tokens)
        keys = publishing.keys()
        with reading() as uow:
            count = uow.users.to_announce_count()
        with click.progressbar(length=count, label="Publishing access") as bar:
            publishing.access(bar.update)
        click.echo(f"Published again: {_count_text(keys, 'key')}, and the access of {_count_text(count, 'account')}.")


def _state(key: SigningKey, active: SigningKey | None, spreading: bool) -> str:
    if key.retired:
        return "retired"
    if spreading:
        return "spreading"
    return "signs" if key is active else "verifies"


def _count_text(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
