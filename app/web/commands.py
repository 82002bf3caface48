"""Groups of flask commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.kernel.database import is_away
from app.kernel.errors import Refused, Stale

MISSING = "no such table", "no such column", "does not exist"  # SQLite's words, and PostgreSQL's


class Commands(AppGroup):
    """Commands on the databases: what goes wrong in a way that we know is a sentence and no traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run what was asked for."""
        with in_a_sentence():
            return super().invoke(ctx)


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """A refusal, a lost race, a database that is not there yet or is away: what to do about it."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    except Stale:
        raise click.ClickException("Someone else changed it just now: run this again.") from None
    except DBAPIError as error:
        if any(word in str(error.orig) for word in MISSING):
            advice = "run `flask db upgrade`, or set QUARTET_DATA to the folder that the shop has"
            raise click.ClickException(f"The databases are not up to date: {advice}.") from None
        if is_away(error):
            raise click.ClickException(f"A database cannot be used: {error.orig}") from None
        raise
