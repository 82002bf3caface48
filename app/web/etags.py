"""Strong ETags for single resources, made of their version."""

from flask import Response, request

from app.kernel.errors import Refused


class PreconditionRequired(Refused):
    """The change must say which version it was made from; answered 428."""


class PreconditionFailed(Refused):
    """The change was made from an older version; answered 412."""


def etag_of(version: int) -> str:
    """The tag of a resource in this version, without quotes."""
    return f"v{version}"


def require_match(version: int) -> None:
    """Let a change pass only if it was made from this version. Raises PreconditionRequired, PreconditionFailed."""
    given = request.if_match
    if not given or given.star_tag:
        raise PreconditionRequired("precondition_required", "send the ETag you have read, as If-Match")
    if not given.contains(etag_of(version)):
        raise PreconditionFailed("stale_version", "it was changed since you have read it: read it again")


def tagged(response: Response, version: int) -> Response:
    """The answer with its tag; 304 without a body where the client has this version."""
    response.set_etag(etag_of(version))
    response.make_conditional(request)
    return response
