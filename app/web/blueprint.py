"""Routes: each is a class that receives its dependencies, accepts what its schema allows, and returns a typed view."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any, Generic, ParamSpec, TypeVar, overload

import flask
import msgspec
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint as Described

P = ParamSpec("P")
V = TypeVar("V")
ENCODER = msgspec.json.Encoder()
Timestamp = Annotated[datetime, msgspec.Meta(tz=True)]  # RFC 3339, in UTC


@dataclass(frozen=True)
class Answer(Generic[V]):
    """A view with response headers. `encoded`: the JSON body, where it has been encoded before."""

    view: V | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    encoded: bytes | None = None

    def response(self, status: int) -> Response:
        """The HTTP response; without a body where there is neither a view nor `encoded`."""
        if self.view is None and self.encoded is None:
            response = Response(status=status, headers=self.headers)
            response.headers.pop("Content-Type", None)
            return response
        body = ENCODER.encode(self.view) if self.encoded is None else self.encoded
        return Response(body, status, self.headers, mimetype="application/json")


class Blueprint(Described):  # type: ignore[misc]  # untyped library
    """flask-smorest's Blueprint, except that its routes are described only when /openapi.json is first requested."""

    def __init__(self, name: str, url_prefix: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=url_prefix, description=description)
        self._classes: list[tuple[str, type[MethodView]]] = []

    def add(self, rule: str, view: Callable[P, MethodView], *args: P.args, **kwargs: P.kwargs) -> None:
        """Serve a class at a path; `args` and `kwargs` are passed to its constructor for each request."""
        assert isinstance(view, type) and issubclass(view, MethodView)
        flask.Blueprint.add_url_rule(self, rule, view.__name__, view.as_view(view.__name__, *args, **kwargs))
        self._classes.append((view.__name__, view))

    def register_views_in_doc(self, *args: Any, **kwargs: Any) -> None:
        """Describe the views. flask-smorest calls this once for each name that the blueprint is registered under."""
        for name, view in self._classes if not self._docs else ():
            self._store_endpoint_docs(name, view, None, None)
        super().register_views_in_doc(*args, **kwargs)


arguments = Described("arguments", __name__).arguments


@overload
def answers(
    status: int, *, description: str | None = None
) -> Callable[[Callable[P, Response | None]], Callable[P, Response]]: ...


@overload
def answers(
    status: int,
    view: type[V],
    headers: Mapping[str, str] | None = None,
    *,
    description: str | None = None,
    others: Mapping[int, type] | None = None,
) -> Callable[[Callable[P, V | Answer[V] | Response]], Callable[P, Response]]: ...


def answers(
    status: int,
    view: type[Any] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    description: str | None = None,
    others: Mapping[int, type] | None = None,
) -> Any:
    """Declare the response of a route that succeeds: its status, and its view, if any.

    `headers`: the headers that it may have, with their descriptions. `others`: views of other responses, by status. A
    method that returns a Response sends it unchanged: for 304, for one of `others`, or for what is not a view.
    """

    def mark(method: Callable[P, Any]) -> Callable[P, Response]:
        @wraps(method)
        def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
            result = method(*args, **kwargs)
            if isinstance(result, Response):
                return result
            return (result if isinstance(result, Answer) else Answer(result)).response(status)

        described = _described(status, view)
        if description:
            described["description"] = description
        if headers:
            described["headers"] = {
                name: {"schema": {"type": "string"}, "description": headers[name]} for name in headers
            }
        rest = {code: [_described(code, other)] for code, other in (others or {}).items()}
        answered.__dict__["views"] = [each for each in (view, *(others or {}).values()) if each]
        answered.__dict__["_apidoc"] = deepcopy(getattr(method, "_apidoc", {})) | {
            "response": {"responses": {status: [described], **rest}},
            "success_status_codes": [status, *rest],
        }
        return answered

    return mark


def _described(status: int, view: type | None) -> dict[str, Any]:
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content_type": None}
    if view is not None:
        described["schema"] = {"$ref": f"#/components/schemas/{view.__name__}"}
    return described
