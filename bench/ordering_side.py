"""One side of bench.ordering: a shop of orders alone, in this process and in the checkout of its working directory.

It reads lines of two words, the name of a request and how often to send it, and prints the microseconds of CPU that one
took. With `statements` instead of a number it prints how many statements one sends, BEGIN and COMMIT included. Started
with `everything`, the shop ships, taxes and discounts. It only imports what the oldest checkout has, too.
"""

import io
import json
import logging
import os
import sys
import tempfile
import time
from itertools import cycle, groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.pool import Pool

from app.kernel.money import Money
from app.modules.orders.module import orders
from tests.shop import Shop

CUSTOMERS = 50  # who take turns, because each order counts the unpaid orders of its customer
ITEMS = [{"sku": "MUG", "quantity": 2}, {"sku": "PEN", "quantity": 1}]
BERLIN = {"name": "Ada", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
EVERYTHING = {"shipping_method": "post", "shipping_address": BERLIN, "email": "ada@example.com", "codes": ["TENTH"]}


def main() -> None:
    output, sys.stdout = sys.stdout, sys.stderr
    connections: list[Any] = []
    event.listen(Pool, "connect", lambda connection, _record: connections.append(connection))
    everything = "everything" in sys.argv
    variables = {"TAX": "internal", "HOME_COUNTRY": "DE"} if everything else {}
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), orders, LOG_LEVEL="warning", **variables)
        logging.getLogger().setLevel(logging.WARNING)
        for sku, price in (("MUG", 900), ("PEN", 50)):
            shop.offers(sku, Money(price, "EUR"))
        if everything:
            sell_everywhere(shop)
        send = Requests(shop, EVERYTHING if everything else {})
        for line in sys.stdin:
            name, how_often = line.split()
            found = send.statements(name, connections) if how_often == "statements" else send.cpu(name, int(how_often))
            print(found, file=output, flush=True)
        shop.close()


def sell_everywhere(shop: Shop) -> None:
    from tests.orders import coupons, methods, taxes

    methods.zone(shop, "germany", "DE")
    methods.offers(shop, "post", "germany")
    taxes.collects(shop, DE=190_000)
    coupons.coupon(shop, "TENTH", kind="percent", ppm=100_000)


class Requests:
    """Sends one kind of request again and again, without a server."""

    def __init__(self, shop: Shop, more: dict[str, Any]) -> None:
        self._app, self._more = shop.app, more
        self._tokens = cycle([shop.token(uuid4()) for _ in range(CUSTOMERS)])
        buyer = shop.as_customer(uuid4())
        for item in ITEMS:
            assert buyer.put(f"/cart/items/{item['sku']}", {"quantity": item["quantity"]}).status_code == 200
        self._buyer = buyer.headers["Authorization"]
        self._total: Any = {"amount": 1850, "currency": "EUR"}
        if more:
            where = {"country": "DE", "postal_code": "10117", "shipping_method": "post", "codes": ["TENTH"]}
            self._quoted = {"items": ITEMS, **where}
            answer: Any = buyer.post("/cart/quote", self._quoted).json
            self._total = answer["totals"]["total"]
        else:
            self._quoted = {"items": ITEMS}

    def cpu(self, name: str, times: int) -> float:
        environs = [self._environ(name) for _ in range(times)]
        began = time.process_time()
        for environ in environs:
            self._send(environ)
        return (time.process_time() - began) / times * 1e6

    def statements(self, name: str, connections: list[Any]) -> int:
        """The fewest of some requests: now and then one also looks at what ended sessions or how many orders wait."""
        for _ in range(CUSTOMERS):  # whose tokens are known then
            self._send(self._environ(name))
        return min(self._count(self._environ(name), connections) for _ in range(CUSTOMERS))

    def _count(self, environ: dict[str, Any], connections: list[Any]) -> int:
        seen: list[str] = []
        for connection in connections:
            connection.set_trace_callback(seen.append)
        self._send(environ)
        for connection in connections:
            connection.set_trace_callback(None)
        inserted = [each.partition(" VALUES ")[0] for each in seen if not each.startswith("--")]  # steps of triggers
        return len(list(groupby(inserted)))  # several rows at a time count once: PostgreSQL gets them in one statement

    def _environ(self, name: str) -> dict[str, Any]:
        environ = {"SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http"}
        environ |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "x", "HTTP_AUTHORIZATION": self._buyer}
        body = b""
        if name == "cart":
            environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/cart"}
        elif name == "quote":
            environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/cart/quote"}
            body = json.dumps(self._quoted).encode()
        else:
            environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": "/api/v1/orders"}
            environ |= {"HTTP_AUTHORIZATION": f"Bearer {next(self._tokens)}", "HTTP_IDEMPOTENCY_KEY": str(uuid4())}
            body = json.dumps({"items": ITEMS, "expected_total": self._total, **self._more}).encode()
        own = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))} if body else {}
        wsgi = {"wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0)}
        return {**environ, **own, **wsgi, "wsgi.multithread": True, "wsgi.multiprocess": False}

    def _send(self, environ: dict[str, Any]) -> None:
        statuses: list[str] = []
        start: Any = lambda status, _headers, _error=None: statuses.append(status)  # noqa: E731
        answer: Any = self._app(environ, start)
        body = b"".join(answer)
        answer.close()
        assert statuses[0][:3] in {"200", "201"}, (statuses, body)


if __name__ == "__main__":
    os.environ.setdefault("TEST_SERVERS", "off")
    main()
