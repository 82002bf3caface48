"""Strong ETags for single resources, made of their version."""

import re
from typing import TypeVar

from flask import Response, request

from app.kernel.errors import Refused
from app.kernel.expected import Expected
from app.web.blueprint import Answer

V = TypeVar("V")

TAG = re.compile(r"v([0-9]{1,9})(\.|$)")


class PreconditionRequired(Refused):
    """The change must say which version it was made from; answered 428."""


def etag_of(version: int) -> str:
    """The tag of a resource in this version, without quotes."""
    return f"v{version}"


def expected() -> Expected:
    """What the request's If-Match names; what follows a dot in a tag, such as the stock, may have moved since.

    Raises PreconditionRequired.
    """
    given = request.if_match
    if not given or given.star_tag:
        raise PreconditionRequired("precondition_required", "send the ETag you have read, as If-Match")
    return Expected(frozenset(int(found[1]) for tag in given.as_set() if (found := TAG.match(tag))))


def tagged(view: V, version: int) -> Answer[V] | Response:
    """A view with its tag; 304 without a body where the client has this version."""
    tag = {"ETag": f'"{etag_of(version)}"'}
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(etag_of(version)):
        return Response(status=304, headers=tag)
    return Answer(view, tag)
