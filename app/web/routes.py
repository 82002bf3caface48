"""Routing: URL builders are compiled late, and a path without variables is served by its own route alone.

Compiling the URL builders took most of the time of creating an application.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Map, Rule

Built = tuple[str, str]  # the domain and the path


class LateRule(Rule):
    """Compiles the URL builder when `url_for` first needs it, which happens for few routes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Built]:
        compile_now, compiled = super()._compile_builder, list[Callable[..., Built]]()

        def build(self: Rule, **values: Any) -> Built:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](self, **values)

        return build


def install(app: Flask) -> None:
    """Configure routing; call it before any route is added. A path matches exactly or not at all: no redirects."""
    app.url_rule_class = LateRule
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.before_request(_keep_apart)


def _keep_apart() -> Response | None:
    """Refuse methods that a literal path does not have: DELETE /products/suggest must not reach /products/<slug>."""
    methods = _spelt_out(current_app.url_map).get(request.path)
    if methods is None:
        return None
    if request.method == "OPTIONS":
        return Response(headers={"Allow": ", ".join(sorted(methods))})
    if request.method not in methods:
        raise MethodNotAllowed(sorted(methods))
    return None


@lru_cache(8)
def _spelt_out(routes: Map) -> dict[str, frozenset[str]]:
    """The methods of each path without variables."""
    rules = [rule for rule in routes.iter_rules() if not rule.arguments]
    return {
        each.rule: frozenset().union(*(rule.methods or () for rule in rules if rule.rule == each.rule))
        for each in rules
    }
