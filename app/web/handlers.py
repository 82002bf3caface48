"""Finds the function that answers a request; decorators have put attributes on it."""

from collections.abc import Callable
from functools import lru_cache

from flask import current_app, request


def handler() -> Callable[..., object] | None:
    """The view method for this request, or None if no route matches it."""
    if request.url_rule is None:
        return None
    return _handler(current_app.view_functions[request.endpoint or ""], request.method)


@lru_cache(512)
def _handler(view: Callable[..., object], method: str) -> Callable[..., object]:
    of_class = getattr(view, "view_class", None)
    by_get = getattr(of_class, "get", view) if method == "HEAD" else view
    view_method: Callable[..., object] = getattr(of_class, method.lower(), by_get)
    return view_method
