"""The cost of refusing hostile request bodies, beside an ordinary refusal: `python -m bench.refusals`."""

import logging
import tempfile
import time
from pathlib import Path
from statistics import median

from app.modules.orders.module import orders
from app.modules.users.module import users
from tests.shop import ALICE, Caller, Shop

SIZE = 260_000  # bytes; MAX_BODY_BYTES is 262,144
MAX_RATIO = 10  # times an ordinary refusal
ORDER = "/api/v1/orders", '{"expected_total": {"amount": 1, "currency": "EUR"}, "items": [%s]}'
LOGIN = "/api/v1/auth/login", '{"password": "x", "email": %s}'
REFRESH = "/api/v1/auth/refresh", "{%s}"


def refusals(folder: Path, rounds: int = 7) -> dict[str, float]:
    """CPU milliseconds per refusal, the ordinary one first."""
    folder.mkdir(exist_ok=True)
    shop = Shop(folder, users, orders, LOG_LEVEL="error")
    logging.getLogger().setLevel(logging.ERROR)
    alice = shop.as_customer(ALICE)
    bodies = {"an ordinary refusal": (REFRESH[0], '{"unknown": 1}')} | _hostile()
    try:
        for path, body in bodies.values():
            _ask(alice, path, body)
        return {
            name: median(_milliseconds(alice, path, body) for _ in range(rounds))
            for name, (path, body) in bodies.items()
        }
    finally:
        shop.close()


def show_refusals(found: dict[str, float]) -> None:
    """Print the costs as multiples of the ordinary one. Raises AssertionError if one exceeds MAX_RATIO."""
    ordinary = next(iter(found.values()))
    print(f"\n{'refused, CPU':<28}{'ms':>8}{'times':>8}")
    for name, cost in found.items():
        print(f"{name:<28}{cost:>8.2f}{cost / ordinary:>8.1f}")
    expensive = [name for name, cost in found.items() if cost > MAX_RATIO * ordinary]
    assert not expensive, f"these refusals cost more than {MAX_RATIO} times an ordinary one: {expensive}"


def _hostile() -> dict[str, tuple[str, str]]:
    names = ",".join(f'"{n:x}":1' for n in range(24_000))
    return {
        "a list of numbers": (ORDER[0], ORDER[1] % _filled("1")),
        "a list of empty objects": (ORDER[0], ORDER[1] % _filled("{}")),
        "a list of wrong objects": (ORDER[0], ORDER[1] % _filled('{"a":1}')),
        "a list of texts": (ORDER[0], ORDER[1] % _filled('""')),
        "as many as it may hold": (ORDER[0], ORDER[1] % ",".join(['{"a":1}'] * 100)),
        "long numbers": (ORDER[0], ORDER[1] % _filled("9" * 4_200)),
        "long fractions": (ORDER[0], ORDER[1] % _filled("1." + "9" * 4_000)),
        "24,000 names": (REFRESH[0], REFRESH[1] % names),
        "a deep list": (ORDER[0], "[" * SIZE),
        "a deep object": (ORDER[0], '{"a":' * (SIZE // 5)),
        "a long address": (LOGIN[0], LOGIN[1] % f'"a@{"a." * (SIZE // 2 - 50)}b"'),
        "a text of escapes": (LOGIN[0], LOGIN[1] % f'"{(chr(92) + "u0001") * 43_000}"'),
        "a text of backslashes": (LOGIN[0], LOGIN[1] % f'"{(chr(92) * 2) * 129_000}"'),
        "a text of marks": (LOGIN[0], LOGIN[1] % f'"{chr(0x301) * 129_000}"'),
    }


def _filled(piece: str) -> str:
    return ",".join([piece] * ((SIZE - 100) // (len(piece) + 1)))


def _ask(caller: Caller, path: str, body: str) -> None:
    headers = {**caller.headers, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = caller.door.test_client().post(path, data=body, headers=headers)
    assert 400 <= answer.status_code < 500 and answer.status_code != 413, (path, body[:50], answer.status_code)


def _milliseconds(caller: Caller, path: str, body: str) -> float:
    began = time.process_time()
    _ask(caller, path, body)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as here:
        show_refusals(refusals(Path(here)))
