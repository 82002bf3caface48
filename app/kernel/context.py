"""What is known of the request that set things off; it travels into logs and events."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
