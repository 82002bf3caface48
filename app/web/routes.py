"""Routes whose addresses are made late, and addresses that belong to one route alone.

To compile what makes an address took most of the time in which an app is made.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Map, Rule

Built = tuple[str, str]  # the domain and the path


class LateRule(Rule):
    """Compiles what `url_for` needs when that first asks for it, which it does for few routes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Built]:
        compile_now, compiled = super()._compile_builder, list[Callable[..., Built]]()

        def build(self: Rule, **values: Any) -> Built:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](self, **values)

        return build


def install(app: Flask) -> None:
    """Before any route is added. An address is that of a route or of none: nobody is sent on, to whatever host."""
    app.url_rule_class = LateRule
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.before_request(_keep_apart)


def _keep_apart() -> Response | None:
    """DELETE /products/suggest is not for the product `suggest`: what is spelt out is no neighbour's variable."""
    methods = _spelt_out(current_app.url_map).get(request.path)
    if methods is None:
        return None
    if request.method == "OPTIONS":
        return Response(headers={"Allow": ", ".join(sorted(methods))})
    if request.method not in methods:
        raise MethodNotAllowed(sorted(methods))
    return None


@cache
def _spelt_out(routes: Map) -> dict[str, frozenset[str]]:
    """By path, for those without variables: the methods that it takes."""
    rules = [rule for rule in routes.iter_rules() if not rule.arguments]
    return {
        each.rule: frozenset().union(*(rule.methods or () for rule in rules if rule.rule == each.rule))
        for each in rules
    }
