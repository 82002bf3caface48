"""Routes whose addresses are made late: to compile what makes them took most of the time in which an app is made."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

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
    """Before any route is added."""
    app.url_rule_class = LateRule
