"""The demo shop with two weeks of sales, in this process, under a clock that stands still between steps."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.bus import tables
from app.bus.contracts.payments import PaymentAuthorized
from app.bus.drain import drain
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.users.module import users
from tests.conftest import sandbox_over
from tests.journeys.steps import pays
from tests.journeys.test_the_tour import served
from tests.screenshots.fixed_clock import BEGIN, Clock, fixed_clock
from tests.shop import INVOICING, Shop
from tests.topologies import MODULES
from tests.users.conftest import CHEAP

ADDRESS = {"line1": "Unter den Linden 1", "postal_code": "10117", "city": "Berlin", "country": "DE"}
BUYERS = ("Grace Hopper", "Alan Turing", "Emmy Noether", "Tim Berners-Lee", "Hedy Lamarr")
SKUS = ("MUG-WHITE-S", "MUG-PORCE-MUSTARD-L", "MUG-RED-L", "MUG-STONE-WHITE-L", "MUG-SAGE-L", "MUG-CHARCOAL-S")
SOLD = (3, 2, 4, 1, 2, 5, 3, 2, 3, 1, 4, 2, 3)  # orders of the days before today
STEP = 0.35  # seconds of the shop's clock for one round of deliveries


class DemoShop(Shop):
    """The clock moves on with each round of deliveries, so that what happens later has a later time."""

    clock: Clock

    def settle(self) -> None:
        bus = self.background
        steps = [each.run_once for each in (*bus.relays, *bus.transport.listeners, *bus.workers)]
        while True:
            done = [step() for step in steps]
            if not any(done):
                return
            self.clock.moves(seconds=STEP)

    def buys(self, nth: int, *, paid: bool = True, poisoned: bool = False) -> str:
        """One order of the demo catalogue through the API, by one of the buyers; its id.

        `poisoned`: an event that nobody can consume comes before the payment, so that what follows waits behind it.
        """
        name = BUYERS[nth % len(BUYERS)]
        buyer = self.as_customer(UUID(int=0xB0 + nth % len(BUYERS)))
        items = [{"sku": SKUS[nth % len(SKUS)], "quantity": 1 + nth % 3}]
        where = {"country": "DE", "postal_code": ADDRESS["postal_code"]}
        quote: Any = buyer.post("/cart/quote", {"items": items, **where}).json
        method = quote["methods"][nth % 2]
        contact = {"email": f"{name.split()[0].lower()}@example.com", "shipping_address": {"name": name, **ADDRESS}}
        body = {"items": items, "shipping_method": method["code"], "expected_total": method["totals"]["total"]}
        answer: Any = buyer.post("/orders", {**body, **contact})
        assert answer.status_code == 201, answer.text
        self.settle()
        id = str(answer.json["id"])
        if poisoned:
            self.poisons(id)
        if paid:
            assert pays(buyer, id, "pm_card_visa").status_code == 200
            self.settle()
        return id

    def drains(self) -> None:
        """Consume what waited behind an event that was discarded."""
        for consumer in self.background.consumers:
            drain(consumer, self.modules[consumer.name].database)
        self.settle()

    def poisons(self, order: str) -> None:
        """Put an event without its fields into the outbox of payments, as someone might by SQL (examples/drill.py)."""
        type, id, now = PaymentAuthorized.event_type(), new_id(), clock.now()
        headers = {"ce_id": str(id), "ce_type": type, "ce_source": "/somewhere", "ce_time": clock.rfc3339(now)}
        row = {"event_id": id, "topic": "payments", "key": order, "type": type, "created_at": now}
        with self.modules["payments"].database.begin() as connection:
            connection.execute(
                tables.outbox.insert().values(**row, headers=json.dumps(headers), body=b'{"order_id": "?"}')
            )


@contextmanager
def demo_shop(folder: Path, sold: tuple[int, ...] = SOLD) -> Iterator[tuple[DemoShop, str]]:
    """The shop, and its address. `sold`: how many orders each of the days before today had."""
    quick_to_sign_in = partial(users, passwords=CHEAP)
    modules = [quick_to_sign_in if name == "users" else module for name, module in MODULES.items()]
    selling = {"TAX": "internal", "HOME_COUNTRY": "DE", **INVOICING, "DESK": "on", "LOG_LEVEL": "error"}
    selling |= {"ACCESS_TOKEN_SECONDS": "86400", "REFRESH_TOKEN_DAYS": "3650"}  # browsers have a clock of their own
    with sandbox_over(folder / "sandbox.sqlite") as sandbox, fixed_clock(BEGIN - timedelta(days=len(sold))) as fixed:
        shop = DemoShop(folder, *modules, STRIPE_API_BASE=sandbox, **selling)
        try:
            shop.clock = fixed
            shop.app.extensions["quartet_demo"] = True
            loaded = shop.app.test_cli_runner().invoke(args=["demo", "load"])
            assert loaded.exit_code == 0, loaded.output
            shop.settle()
            nth = 0
            for count in (*sold, 4):
                morning = fixed.at.replace(hour=6, minute=12, second=20)
                for _ in range(count):
                    fixed.at = morning + timedelta(minutes=41 * (nth % 5), seconds=7 * nth)
                    shop.buys(nth)
                    nth += 1
                fixed.at = morning + timedelta(days=1)
            fixed.at = BEGIN + timedelta(minutes=14)
            shop.buys(nth, paid=False)
            with served(shop) as port:
                yield shop, f"http://localhost:{port}"
        finally:
            shop.close()
