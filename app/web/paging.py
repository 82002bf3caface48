"""Lists in pages by key (keyset pagination), so that page 1,000 costs no more than page 1."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import request

from app.kernel.errors import Invalid
from app.web.blueprint import ENCODER, Answer
from app.web.paths import requested_path
from app.web.schemas import QueryInteger, Schema, Text

T = TypeVar("T")
V = TypeVar("V")


class PageArgs(Schema):
    """The page to return: `limit` items after `cursor`."""

    limit = QueryInteger(minimum=1, maximum=100, load_default=20)
    cursor = Text(max_length=500, load_default=None)


def after(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The key in the cursor, whose parts have these types; None for the first page. Raises Invalid(bad_cursor)."""
    if cursor is None:
        return None
    try:
        key = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError):
        key = None
    if (
        not isinstance(key, list)
        or len(key) != len(kinds)
        or any(type(a) is not b for a, b in zip(key, kinds, strict=True))
    ):
        raise bad_cursor()
    return key


def id_after(cursor: str | None) -> UUID | None:
    """The id in the cursor of a list that is ordered by id; None for the first page. Raises Invalid(bad_cursor)."""
    key = after(cursor, str)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Invalid:
    """The refusal of a cursor that this list did not return."""
    return Invalid("bad_cursor", "the cursor does not belong to this list: request the first page, without a cursor")


def page(
    found: Sequence[T], limit: int, key: Callable[[T], Sequence[Any]], view: Callable[[list[T], str | None], V]
) -> Answer[V]:
    """A page of at most `limit` items. `found` has up to `limit` + 1: one more means that there is a next page.

    `view` receives the items and the cursor of the next page, which is also sent in a Link header.
    """
    items = list(found[:limit])
    if len(found) <= limit:
        return Answer(view(items, None))
    following = base64.urlsafe_b64encode(ENCODER.encode(list(key(items[-1])))).decode().rstrip("=")
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    link = f'<{requested_path()}?{urlencode([*query, ("cursor", following)])}>; rel="next"'
    return Answer(view(items, following), {"Link": link})
