"""Which constraint of a database was violated: it knows for certain, also when two come at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Refused


@contextmanager
def refusing(refusal: Refused, *names: str, on_sqlite: str) -> Iterator[None]:
    """Answer the violation of one of these constraints, and of no other, with a refusal.

    `names`: as PostgreSQL calls them. `on_sqlite`: what SQLite says, which knows no names.
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
