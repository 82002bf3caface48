"""Queries are read strictly, as bodies are: a parameter that a route does not know is refused, not passed over.

Who asks for `?statsu=paid` would else be given every order, and take it for an answer. Under /api/v1 only: other pages
are asked by probes, browsers and scrapers, which add what they like.
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
    """Look at the query of every request, before its body is read."""
    app.before_request(_check)


def any_query(view: V) -> V:
    """Takes whatever parameters come: the address is kept by others."""
    view.__dict__["any_query"] = True
    return view


def _check() -> None:
    """Whoever may not call the route at all is told that instead, by the route."""
    if not request.query_string or not request.path.startswith("/api/v1/"):
        return
    asked = handler()
    if asked is None or getattr(asked, "any_query", False) or not lets_in(asked):
        return
    names, prefixes = _known(asked)
    wrong: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if name.startswith(prefixes):
            continue  # a family of names, which the route reads by itself
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
    """The parameters that the route declares, and the beginnings of those whose names are not known beforehand."""
    declared = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    schemas = [each["schema"] for each in declared if each["in"] == "query"]
    names = frozenset(field.data_key or name for schema in schemas for name, field in schema.load_fields.items())
    return names, tuple(prefix for schema in schemas for prefix in getattr(schema, "prefixes", ()))
