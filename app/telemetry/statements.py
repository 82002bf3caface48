"""Spans of SQL statements, within the current span: with the statement's text, and never with its parameters.

OpenTelemetry's own instrumentation is for SQLAlchemy before 2.1, and copies the database's error into the span, which
in PostgreSQL has the values that violated a constraint.
"""

import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from sqlalchemy import Engine, event

watched: ContextVar[tuple[Tracer, Span] | None] = ContextVar("watched", default=None)

MAX_LENGTH = 1000  # characters of a statement; one with many rows is long, and repeats itself
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?(\w+)')


def watch_statements() -> None:
    """Record the statements of every engine of this process."""
    for name, listener in LISTENERS.items():
        if not event.contains(Engine, name, listener):
            event.listen(Engine, name, listener)


def ignore_statements() -> None:
    for name, listener in LISTENERS.items():
        if event.contains(Engine, name, listener):
            event.remove(Engine, name, listener)


def _before(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    if watched.get() is not None:
        context.began = time.time_ns()


def _after(_connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    _record(statement, context, None)


def _failed(error: Any) -> None:
    if error.execution_context is not None and error.statement:
        _record(error.statement, error.execution_context, type(error.original_exception).__name__)


def _record(statement: str, context: Any, error: str | None) -> None:
    around, began = watched.get(), getattr(context, "began", None)
    if around is None or began is None:
        return
    tracer, within = around
    about = {"db.system.name": context.dialect.name, "db.query.text": statement[:MAX_LENGTH]}
    span = tracer.start_span(_name(statement), set_span_in_context(within), SpanKind.CLIENT, about, start_time=began)
    if error:
        span.set_status(Status(StatusCode.ERROR, error))
    span.end()


def _name(statement: str) -> str:
    verb, table = statement.split(maxsplit=1)[0], TABLE.search(statement)
    return f"{verb} {table[1]}" if table else verb


LISTENERS: dict[str, Callable[..., Any]] = {
    "before_cursor_execute": _before,
    "after_cursor_execute": _after,
    "handle_error": _failed,
}
