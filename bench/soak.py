"""Buy for minutes while the shop is killed now and then: `python -m bench.soak --minutes 30`.

An embedded shop in its own processes. In turns, its worker gets SIGKILL, which the parent restarts, and the parent gets
it, which this restarts. At the end it prints purchases and captures, checks the invariants of all four databases, and
exits with 1 where one does not hold. The lines in between show the memory (PSS) of each process.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from app.kernel.money import Money
from bench.shop import family, pss
from tests.chaos.live import LiveShop
from tests.invariants import orders_by_status

PRICE = Money(900, "EUR")
ON_HAND = 1_000_000
TOKENS_LAST = 300  # seconds; less than an access token is valid
PAID_WITHIN = 120  # seconds


class Buyers:
    """Customers who buy one unit after the other, each repeating what fails."""

    def __init__(self, shop: LiveShop, count: int) -> None:
        self.paid: list[str] = []
        self.failures: list[BaseException] = []
        self._shop, self._closing = shop, threading.Event()
        self._tokens = shop.tokens(count)
        self._threads = [threading.Thread(target=self._buy, args=(n,)) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def renew(self) -> None:
        self._tokens = self._shop.tokens(len(self._threads))

    def end(self) -> None:
        """Let each finish its purchase."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _buy(self, number: int) -> None:
        while not self._closing.is_set():
            token = self._tokens[number]
            try:
                order_id = self._shop.buys(token, "MUG", PRICE)
                self._shop.order_is(token, order_id, "paid", PAID_WITHIN)
            except BaseException as error:
                self.failures.append(error)
                return
            self.paid.append(order_id)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=30.0, help="how long to buy (30)")
    options.add_argument("--buyers", type=int, default=4, help="customers at a time (4)")
    options.add_argument("--kill-every", type=float, default=60.0, help="seconds between two kills; 0: none (60)")
    options.add_argument("--look-every", type=float, default=30.0, help="seconds between two lines (30)")
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, LiveShop(Path(folder)) as shop:
        shop.start()
        shop.stocks("MUG", PRICE, ON_HAND)
        buyers = Buyers(shop, args.buyers)
        try:
            kills = soak(shop, buyers, args.minutes * 60, args.kill_every, args.look_every)
        finally:
            buyers.end()
        shop.settles()
        ended = report(shop, buyers, kills)
        shop.stop()
    sys.exit(0 if ended else 1)


def soak(shop: LiveShop, buyers: Buyers, seconds: float, kill_every: float, look_every: float) -> int:
    """Kill, and look at the memory, until the time is over. Returns the number of kills."""
    start = time.monotonic()
    kill_at, look_at, renew_at = start + (kill_every or seconds + 1), start, start + TOKENS_LAST
    victims, kills = cycle(("worker", "parent")), 0
    while (now := time.monotonic()) < start + seconds and not buyers.failures:
        if now >= look_at:
            look_at += look_every
            print(f"{now - start:>6.0f} s {len(buyers.paid):>7} paid  {'  '.join(memory(shop))}", flush=True)
        if now >= kill_at:
            kill_at, kills = now + kill_every, kills + 1
            if next(victims) == "worker":
                shop.kill_worker()
            else:
                shop.kill()
                shop.start()
        if now >= renew_at:
            renew_at += TOKENS_LAST
            buyers.renew()
        time.sleep(0.2)
    return kills


def memory(shop: LiveShop) -> Iterator[str]:
    """Yield the role and the memory of each process of the shop."""
    assert shop.process is not None
    total = 0
    for pid in family(shop.process.pid):
        with suppress(OSError):  # it has just been killed
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            role = "parent" if pid == shop.process.pid else "sandbox" if b"sandbox" in command else "worker"
            total += (used := pss(pid))
            yield f"{role} {used / 2**20:.0f} MB"
    yield f"all {total / 2**20:.0f} MB"


def report(shop: LiveShop, buyers: Buyers, kills: int) -> bool:
    """Print what was bought. Returns whether nothing is lost, or done twice."""
    captures, statuses = shop.captures(), orders_by_status(f"sqlite:///{shop.folder / 'orders.sqlite'}")
    twice = [order_id for order_id, times in captures.items() if times > 1]
    print(f"\n{kills} kills, {len(buyers.paid)} purchases; orders: {dict(statuses)}")
    print(f"captures at Stripe: {sum(captures.values())}, of one order twice: {len(twice)}")
    print(f"units left: {shop.stock('MUG')[0]} of {ON_HAND}, held: {shop.stock('MUG')[1]}")
    print("the invariants of all four databases hold")
    for failure in buyers.failures:
        print(f"a customer gave up: {failure!r}")
    is_whole = not twice and set(captures) >= set(buyers.paid) and statuses == Counter(paid=len(buyers.paid))
    return is_whole and not buyers.failures


if __name__ == "__main__":
    main()
