"""Strong ETags of single resources, derived from their version."""

import re
from typing import TypeVar

from flask import Response, request

from app.kernel.errors import Refused
from app.kernel.expected import Expected
from app.web.blueprint import Answer

V = TypeVar("V")

TAG = re.compile(r"v([0-9]{1,9})(\.|$)")


class PreconditionRequired(Refused):
    """The change must name the version that it is based on; answered 428."""


def etag_of(version: int) -> str:
    """The ETag of a resource in this version, without quotes."""
    return f"v{version}"


def expected() -> Expected:
    """The versions in the request's If-Match. The part of a tag after a dot, such as the stock, is not compared.

    Raises PreconditionRequired.
    """
    given = request.if_match
    if not given or given.star_tag:
        raise PreconditionRequired("precondition_required", "send the ETag that you have read as If-Match")
    return Expected(frozenset(int(found[1]) for tag in given.as_set() if (found := TAG.match(tag or ""))))


def tagged(view: V, version: int) -> Answer[V] | Response:
    """A view with its ETag, or 304 without a body if the client has this version already."""
    tag = {"ETag": f'"{etag_of(version)}"'}
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(etag_of(version)):
        return Response(status=304, headers=tag)
    return Answer(view, tag)
