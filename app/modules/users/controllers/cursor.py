"""The cursor of lists that are ordered by id."""

from uuid import UUID

from app.kernel.errors import Invalid
from app.web import paging


def id_after(cursor: str | None) -> UUID | None:
    """The id that a page begins after. Raises Invalid(bad_cursor)."""
    key = paging.after(cursor, str)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise Invalid("bad_cursor", "the cursor is invalid: start without one") from None
