"""Which function answers a request, and what its decorators say of it."""

from collections.abc import Callable
from functools import cache

from flask import current_app, request


def handler() -> Callable[..., object] | None:
    """The method of the view that the request is for; None where no route takes it."""
    if request.url_rule is None:
        return None
    return _handler(current_app.view_functions[request.endpoint or ""], request.method)


@cache
def _handler(view: Callable[..., object], method: str) -> Callable[..., object]:
    of_class = getattr(view, "view_class", None)
    by_get = getattr(of_class, "get", view) if method == "HEAD" else view
    found: Callable[..., object] = getattr(of_class, method.lower(), by_get)
    return found
