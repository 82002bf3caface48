"""The pages of a list: a cursor in the address, as in the API."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.desk.links import with_query
from app.web.paging import page
from app.web.paths import requested_address

T = TypeVar("T")
PER_PAGE = 50


def paged(found: Sequence[T], key: Callable[[T], Sequence[Any]], limit: int = PER_PAGE) -> tuple[list[T], str | None]:
    """The rows of a page, of which one more was found if there is a next one; and the address of that."""
    items, following = cursor_of(found, key, limit)
    return items, with_query(requested_address(), cursor=following) if following else None


def cursor_of(
    found: Sequence[T], key: Callable[[T], Sequence[Any]], limit: int = PER_PAGE
) -> tuple[list[T], str | None]:
    """The rows of a page, and the cursor of the next one, for a list whose filter is in no address."""
    answer = page(found, limit, key, lambda items, following: (items, following))
    assert answer.view is not None
    return answer.view


def first_url() -> str:
    """The address of the first page of this list."""
    path, _, query = requested_address().partition("?")
    rest = [each for each in query.split("&") if not each.startswith("cursor=")]
    return f"{path}?{'&'.join(rest)}" if any(rest) else path
