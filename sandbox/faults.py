"""Faults on demand. A test asks for them, each hits the next matching calls or webhooks, then it is used up.

For calls: {"kind", "path"?, "method"?, "action"?, "seconds"?, "when"?, "times"?}. A path hits itself and all below it.
    lose_answer   the effect happens, the connection closes without an answer
    down          the connection closes before anything happens
    error_500     a 500, `when` "before" (default) or "after" the effect; its idempotency key keeps it, as at Stripe
    delay         `seconds` pass, `when` "before" (default) or "after" the effect
For webhooks: {"kind", "type"?, "seconds"?, "times"?}, type being the event's:
    webhook_late      leaves `seconds` late
    webhook_twice     is delivered twice
    webhook_reversed  is held until the next one has been delivered
    webhook_dropped   never leaves, except by /sandbox/webhooks/redeliver
`times` is 1 unless told; null means until DELETE /sandbox/faults.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

ON_CALLS = frozenset({"lose_answer", "down", "error_500", "delay"})
ON_WEBHOOKS = frozenset({"webhook_late", "webhook_twice", "webhook_reversed", "webhook_dropped"})
ACTIONS = frozenset({"create", "retrieve", "list", "search", "confirm", "capture", "cancel"})


@dataclass
class Fault:
    """What shall go wrong, where, and how many more times."""

    kind: str
    path: str | None = None
    method: str | None = None
    action: str | None = None
    type: str | None = None
    seconds: float = 0.0
    when: str = "before"
    times: int | None = 1

    def hits_call(self, method: str, path: str, action: str) -> bool:
        """Whether this call is one that it waits for."""
        return (
            self.kind in ON_CALLS
            and self.method in (None, method)
            and self.action in (None, action)
            and (self.path is None or path == self.path or path.startswith(self.path.rstrip("/") + "/"))
        )

    def hits_webhook(self, type: str) -> bool:
        """Whether an event of this type is one that it waits for."""
        return self.kind in ON_WEBHOOKS and self.type in (None, type)


def fault_from(body: object) -> Fault:
    """A fault as it came in. Raises ValueError with a sentence for a mistake."""
    if not isinstance(body, dict) or body.keys() - Fault.__dataclass_fields__.keys():
        raise ValueError(f"a fault is a JSON object of {', '.join(Fault.__dataclass_fields__)}")
    _check_texts(body)
    if body.get("kind") not in ON_CALLS | ON_WEBHOOKS:
        raise ValueError(f"kind is one of {', '.join(sorted(ON_CALLS | ON_WEBHOOKS))}")
    if body.get("action") not in ACTIONS | {None}:
        raise ValueError(f"action is one of {', '.join(sorted(ACTIONS))}")
    if body.get("when", "before") not in ("before", "after"):
        raise ValueError("when is before or after")
    _check_numbers(body)
    return Fault(**body)


def _check_texts(body: dict[str, Any]) -> None:
    for name in ("kind", "path", "method", "action", "type", "when"):
        if not isinstance(body.get(name), str | None):
            raise ValueError(f"{name} is a text")
    if not (body.get("path") or "/v1/").startswith("/v1/"):
        raise ValueError("path starts with /v1/")
    if body.get("method") not in ("GET", "POST", None):
        raise ValueError("method is GET or POST")


def _check_numbers(body: dict[str, Any]) -> None:
    seconds, times = body.get("seconds", 0), body.get("times", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
        raise ValueError("seconds is a number from 0 to 600")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise ValueError("times is a whole number from 1, or null for always")


class Faults:
    """The faults still waiting for their call; the oldest that matches is taken first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Wait for its call from now on."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> int:
        """Forget them all; how many there were."""
        with self._lock:
            count = len(self._waiting)
            self._waiting.clear()
        return count

    def waiting(self) -> list[dict[str, Any]]:
        """As JSON, `times` being what is left."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def for_call(self, method: str, path: str, action: str) -> Fault | None:
        """The fault for this call, used once."""
        with self._lock:
            return self._use(next((it for it in self._waiting if it.hits_call(method, path, action)), None))

    def for_webhook(self, type: str) -> Fault | None:
        """The fault for a webhook of this type, used once."""
        with self._lock:
            return self._use(next((it for it in self._waiting if it.hits_webhook(type)), None))

    def _use(self, fault: Fault | None) -> Fault | None:
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._waiting = [it for it in self._waiting if it is not fault]
        return fault
