"""Strict parsing of queries: a parameter that the route does not declare is refused, not ignored.

Otherwise a client that sends `?statsu=paid` would get every order and take the list for a filtered one. This applies
under /api/v1 only: probes, browsers and scrapers add parameters of their own to the other pages.
"""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from flask import Flask, request

from app.config.settings import Settings
from app.web.auth import lets_in
from app.web.bounds import MAX_ERRORS, refused
from app.web.handlers import handler

V = TypeVar("V", bound=Callable[..., object])


def install(app: Flask, settings: Settings) -> None:
    """Check the query of every request before its body is read."""
    app.before_request(_check)


def any_query(view: V) -> V:
    """Let a view accept any parameters: its URL is configured at a third party."""
    view.__dict__["any_query"] = True
    return view


def _check() -> None:
    """Refuse unknown and repeated parameters. Callers that may not call the route get its 401 or 403 instead."""
    if not request.query_string or not request.path.startswith("/api/v1/"):
        return
    view = handler()
    if view is None or getattr(view, "any_query", False) or not lets_in(view):
        return
    names, prefixes = _known(view)
    wrong: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if name.startswith(prefixes):
            continue  # one of a family of names, which the route reads itself
        if name not in names:
            wrong[name] = ["Unknown parameter."]
        elif len(values) > 1:
            wrong[name] = ["Given more than once."]
        if len(wrong) == MAX_ERRORS:
            break
    if wrong:
        raise refused(wrong, "query")


@cache
def _known(view: Callable[..., object]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The names of the parameters that the route declares, and the prefixes of its families of parameters."""
    declared = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    schemas = [each["schema"] for each in declared if each["in"] == "query"]
    names = frozenset(field.data_key or name for schema in schemas for name, field in schema.load_fields.items())
    return names, tuple(prefix for schema in schemas for prefix in getattr(schema, "prefixes", ()))
