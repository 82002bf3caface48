"""What hostile tests try, and how much of it is refused; counted by kind, and printed at the end of a run."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from flask import Response

KINDS = {  # by the test file, from tests/
    "architecture/test_access.py": "without the role",
    "architecture/test_mass_assignment.py": "fields that are not the caller's to set",
    "architecture/test_owners.py": "what belongs to another",
    "catalog/test_search_hostile.py": "injection",
    "deploy/test_front_door.py": "paths and hosts at the gateway",
    "deploy/test_gateway.py": "paths and hosts at the gateway",
    "journeys/test_broker_acls.py": "forged events and keys",
    "journeys/test_forged_events.py": "forged events and keys",
    "journeys/test_root_keys.py": "forged events and keys",
    "orders/test_carts.py": "carts of others",
    "orders/test_holding_stock_unpaid.py": "hoarding and card testing",
    "payments/test_many_declines.py": "hoarding and card testing",
    "payments/test_paying_too_often.py": "hoarding and card testing",
    "payments/test_webhooks.py": "forged webhooks",
    "sandbox/test_door.py": "another origin",
    "users/test_hostile_tokens.py": "forged tokens",
    "users/test_making_admins.py": "becoming an admin",
    "users/test_trying_passwords.py": "guessed passwords",
    "web/test_bodies.py": "bodies and framing",
    "web/test_hostile_questions.py": "injection",
    "web/test_idempotency.py": "keys of others",
    "web/test_limits.py": "too many requests",
    "web/test_other_origins.py": "another origin",
    "web/test_queries.py": "bodies and framing",
    "web/test_refusals_cost_little.py": "costly bodies",
    "web/test_slow_bodies.py": "slow bodies",
}
STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.MULTILINE)
answered: Counter[str] = Counter()  # in this process: requests tried, and those of them that were refused


def count(status: int) -> None:
    """One request of a test was answered with this."""
    answered["tried"] += 1
    answered["refused"] += status >= 400


def counted(response: Response) -> Response:
    """The same, of a shop in this process."""
    count(response.status_code)
    return response


def count_raw(answer: bytes) -> None:
    """The answers on one connection; a connection that was closed without one was refused."""
    for status in STATUS.findall(answer) or [b"400"]:
        count(int(status))


def kind_of(path: Path) -> str | None:
    """What a test file attacks; None where it attacks nothing."""
    return KINDS.get("/".join(path.parts[-2:]))


def since(before: Counter[str]) -> list[int]:
    """Tried and refused since then. A test that made no request tried one thing of another sort, which was refused."""
    tried, refused = (answered[name] - before[name] for name in ("tried", "refused"))
    return [tried, refused] if tried else [1, 1]


def table(counted: Iterable[tuple[str, int, int]]) -> list[str]:
    """A line for each kind."""
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for kind, some, of_them in counted:
        tried[kind] += some
        refused[kind] += of_them
    if not tried:
        return []
    rows = [f"{kind:<42}{tried[kind]:>8}{refused[kind]:>9}" for kind in sorted(tried)]
    return [
        f"{'hostile requests':<42}{'tried':>8}{'refused':>9}",
        *rows,
        f"{'all':<42}{tried.total():>8}{refused.total():>9}",
    ]
