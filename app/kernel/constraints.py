"""Turns violations of database constraints into refusals: a constraint also holds for two concurrent requests."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Refused


@contextmanager
def refusing(refusal: Refused, *names: str, on_sqlite: str) -> Iterator[None]:
    """Raise `refusal` when one of these constraints is violated, and no other.

    `names`: the names of the constraints in PostgreSQL. `on_sqlite`: SQLite's message, which has no names.
    """
    try:
        yield
    except IntegrityError as error:
        if not _violated(error, names, on_sqlite):
            raise
        raise refusal from error


def _violated(error: IntegrityError, names: tuple[str, ...], on_sqlite: str) -> bool:
    if about := getattr(error.orig, "diag", None):
        return about.constraint_name in names
    return str(error.orig) == on_sqlite
