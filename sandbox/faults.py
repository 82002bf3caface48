"""Faults on request. A test adds a fault, which applies to the next matching calls or webhooks and is then used up.

For calls: {"kind", "path"?, "method"?, "action"?, "seconds"?, "when"?, "times"?}.
A path matches itself and all paths below it.
    lose_answer   the call has its effect, then the connection closes without an answer
    down          the connection closes before anything happens
    error_500     a 500, `when` "before" (default) or "after" the effect; stored under the idempotency key, as at Stripe
    delay         waits `seconds`, `when` "before" (default) or "after" the effect
For webhooks: {"kind", "type"?, "seconds"?, "times"?}, type being the event's:
    webhook_late      is sent `seconds` late
    webhook_twice     is delivered twice
    webhook_reversed  is held until the next one has been delivered
    webhook_dropped   is sent only by /sandbox/webhooks/redeliver
For calculations of tax: {"kind", "times"?}:
    wrong_tax         the amounts of the next one do not add up
`times` is 1 by default; null means until DELETE /sandbox/faults.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

ON_CALLS = frozenset({"lose_answer", "down", "error_500", "delay"})
ON_WEBHOOKS = frozenset({"webhook_late", "webhook_twice", "webhook_reversed", "webhook_dropped"})
ON_TAX = frozenset({"wrong_tax"})
ACTIONS = frozenset({"create", "retrieve", "list", "search", "confirm", "capture", "cancel", "commit", "reverse"})


@dataclass
class Fault:
    """What goes wrong, for which calls or webhooks, and how many more times."""

    kind: str
    path: str | None = None
    method: str | None = None
    action: str | None = None
    type: str | None = None
    seconds: float = 0.0
    when: str = "before"
    times: int | None = 1

    def hits_call(self, method: str, path: str, action: str) -> bool:
        """Whether the fault applies to this call."""
        return (
            self.kind in ON_CALLS
            and self.method in (None, method)
            and self.action in (None, action)
            and (self.path is None or path == self.path or path.startswith(self.path.rstrip("/") + "/"))
        )

    def hits_webhook(self, type: str) -> bool:
        """Whether the fault applies to a webhook of this type."""
        return self.kind in ON_WEBHOOKS and self.type in (None, type)


def fault_from(body: object) -> Fault:
    """Read a fault from a JSON body. Raises ValueError with a message."""
    if not isinstance(body, dict) or body.keys() - Fault.__dataclass_fields__.keys():
        raise ValueError(f"a fault is a JSON object of {', '.join(Fault.__dataclass_fields__)}")
    _check_texts(body)
    if body.get("kind") not in ON_CALLS | ON_WEBHOOKS | ON_TAX:
        raise ValueError(f"kind must be one of {', '.join(sorted(ON_CALLS | ON_WEBHOOKS | ON_TAX))}")
    if body.get("action") not in ACTIONS | {None}:
        raise ValueError(f"action must be one of {', '.join(sorted(ACTIONS))}")
    if body.get("when", "before") not in ("before", "after"):
        raise ValueError("when must be before or after")
    _check_numbers(body)
    return Fault(**body)


def _check_texts(body: dict[str, Any]) -> None:
    for name in ("kind", "path", "method", "action", "type", "when"):
        if not isinstance(body.get(name), str | None):
            raise ValueError(f"{name} must be a string")
    if not (body.get("path") or "/v1/").startswith("/v1/"):
        raise ValueError("path must start with /v1/")
    if body.get("method") not in ("GET", "POST", None):
        raise ValueError("method must be GET or POST")


def _check_numbers(body: dict[str, Any]) -> None:
    seconds, times = body.get("seconds", 0), body.get("times", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
        raise ValueError("seconds must be a number from 0 to 600")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise ValueError("times must be a whole number of at least 1, or null for always")


class Faults:
    """The faults that still apply; the oldest that matches is used first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> int:
        """Remove all faults; returns how many there were."""
        with self._lock:
            count = len(self._waiting)
            self._waiting.clear()
        return count

    def waiting(self) -> list[dict[str, Any]]:
        """Return the faults as JSON; `times` is the number that is left."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def for_call(self, method: str, path: str, action: str) -> Fault | None:
        """Take the fault for this call, which counts as one use."""
        with self._lock:
            return self._use(next((it for it in self._waiting if it.hits_call(method, path, action)), None))

    def for_webhook(self, type: str) -> Fault | None:
        """Take the fault for a webhook of this type, which counts as one use."""
        with self._lock:
            return self._use(next((it for it in self._waiting if it.hits_webhook(type)), None))

    def for_tax(self) -> Fault | None:
        """Take the fault for a calculation of tax, which counts as one use."""
        with self._lock:
            return self._use(next((it for it in self._waiting if it.kind in ON_TAX), None))

    def _use(self, fault: Fault | None) -> Fault | None:
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._waiting = [it for it in self._waiting if it is not fault]
        return fault
