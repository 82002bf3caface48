"""Loaded by schemathesis, in its own environment."""

import json
from collections.abc import Iterator
from typing import Any

import schemathesis

from tests.fuzz.allowed import CODES, MESSAGES, OF_ADDRESSES

NOT_ITS_VERSION = 2**31 - 1


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """A good request may be refused for what the shop has, or has not; never for its form."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    try:
        problem = json.loads(response.content)
    except ValueError:
        return True
    messages = set(_messages(problem.get("errors")))
    return problem.get("code") not in CODES and not (messages and all(map(_is_allowed, messages)))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Nobody waits for half a minute: what is asked for with `wait` has changed already."""
    query = case.query or {}
    waits = "Prefer" in (case.headers or {}) or "wait" in query
    if waits and str(query.get("version", 0)).isdigit():
        case.query = query | {"version": NOT_ITS_VERSION}


def _is_allowed(message: str) -> bool:
    return message in MESSAGES or message.startswith(OF_ADDRESSES)


def _messages(errors: Any) -> Iterator[str]:
    """All of them, wherever they stand."""
    if isinstance(errors, dict | list):
        for each in errors.values() if isinstance(errors, dict) else errors:
            yield from _messages(each)
    elif isinstance(errors, str):
        yield errors
