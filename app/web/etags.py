"""Strong ETags for single resources, made of their version."""

import re

from flask import Response, request

from app.kernel.errors import Refused
from app.kernel.expected import Expected

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


def tagged(response: Response, version: int) -> Response:
    """The answer with its tag; 304 without a body where the client has this version."""
    response.set_etag(etag_of(version))
    response.make_conditional(request)
    return response
