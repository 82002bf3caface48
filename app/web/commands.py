"""Groups of flask commands, and how their errors are printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.kernel.database import is_away
from app.kernel.errors import Refused, Stale

MISSING = "no such table", "no such column", "does not exist"  # in messages of SQLite and PostgreSQL

DAMAGED = "file is not a database", "database disk image is malformed"  # the messages of SQLite


class Commands(AppGroup):
    """A group of commands that use the databases. Expected errors are printed as a sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        with in_a_sentence():
            return super().invoke(ctx)


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Turn a refusal, a lost race, text that is not UTF-8, and a missing, damaged or unavailable database into a
    ClickException that says what to do."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    except Stale:
        raise click.ClickException("It was changed at the same time by someone else: run this command again.") from None
    except UnicodeError:  # an argument has it as half characters, which no database stores; a file does not decode
        raise click.ClickException("An argument or a file is not valid UTF-8: write it in UTF-8.") from None
    except DBAPIError as error:
        if any(word in str(error.orig) for word in MISSING):
            advice = "run `flask db upgrade`, or set QUARTET_DATA to the folder that the shop uses"
            raise click.ClickException(f"The databases are not up to date: {advice}.") from None
        if is_away(error):
            raise click.ClickException(f"A database cannot be used: {error.orig}") from None
        if str(error.orig) in DAMAGED:
            raise click.ClickException(
                f"The file of a database is damaged ({error.orig}): stop the shop, and restore it from a backup."
            ) from None
        raise
