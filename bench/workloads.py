"""The workloads of `python -m bench --beside`: what loads a shop, and what asks the same of the raw limit."""

import json
import uuid
from collections.abc import Callable
from functools import partial
from itertools import cycle

from bench.flood import flood
from bench.load import Make, Measured, request, run, run_beside
from bench.purchases import purchases, sign_up, some_variant
from bench.shop import Running

CREDENTIALS = {"email": "demo@quartet.example", "password": "four parts one tune"}  # of the demo accounts
PRODUCTS = "/api/v1/products"
WORDS = ("mug", "enamel", "linen", "lamp", "oak", "wool", "bowl", "notebook")
PURCHASES = 48  # in one measurement
CUSTOMERS = 50  # customers that take turns in placing orders
READERS = (2, 4)  # connections that read while others sign in; the first of them also while others buy
RAW_PATHS = {"product-cached": f"{PRODUCTS}/raw", "list": "/products", "search": "/search"}

Workload = Callable[[Running, float, int], Measured]
"""Loads a shop for so many seconds, over so many connections."""


def workloads() -> dict[str, Workload]:
    """Workloads of the whole shop by name; those that end in -cached go through the gateway."""
    words, again = cycle(WORDS), cycle(WORDS)
    sign_in = request("POST", "/api/v1/auth/login", json.dumps(CREDENTIALS).encode())

    def requests(make: Make) -> Workload:
        return lambda shop, seconds, connections: run(shop.port, make, 200, seconds, connections)

    def buys(buyers: int) -> Workload:
        def buying(shop: Running, _seconds: float, _connections: int) -> Measured:
            variant = some_variant(shop)
            return purchases(shop, variant["sku"], variant["price"], buyers, max(3, PURCHASES // buyers))

        return buying

    def reads_while_buying(shop: Running, seconds: float, _connections: int) -> Measured:
        """GETs of one product, for as long as 32 customers buy."""
        variant = some_variant(shop)
        return _reads_beside(
            shop, seconds, READERS[0], lambda: purchases(shop, variant["sku"], variant["price"], 32, 3)
        )

    def reads_while_signing_in(readers: int) -> Workload:
        def reading(shop: Running, seconds: float, connections: int) -> Measured:
            """GETs of one product, while the other connections sign in."""
            sign_ins = partial(run, shop.port, lambda: sign_in, 200, 2 * seconds, connections)
            return _reads_beside(shop, seconds, readers, sign_ins)

        return reading

    def floods(shop: Running, seconds: float, _connections: int) -> Measured:
        variant = some_variant(shop)
        return flood(shop, variant["sku"], variant["price"], 8, 4 * seconds)

    def one_product(shop: Running, seconds: float, connections: int) -> Measured:
        return run(shop.port, _product(shop), 200, seconds, connections)

    ten = request("GET", f"{PRODUCTS}?limit=10")
    return {
        "product": one_product,
        "product-cached": one_product,
        "list": requests(lambda: ten),
        "list-cached": requests(lambda: ten),
        "filtered": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&in_stock=true")),
        "search": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&q={next(words)}")),
        "search-cached": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&q={next(again)}")),
        "facets": requests(lambda: request("GET", f"{PRODUCTS}?limit=10&facets=true&q={next(words)}")),
        "sign-in": requests(lambda: sign_in),
        **{f"product-{readers}-beside-sign-in": reads_while_signing_in(readers) for readers in READERS},
        **{f"purchase-{buyers}": buys(buyers) for buyers in (1, 8, 16, 32)},
        "product-beside-32": reads_while_buying,
        "flood": floods,
    }


def orders_of(shop: Running) -> tuple[Make, Make, int]:
    """Requests to orders alone and to the raw limit, each of which places a new order with a new key; their status.

    orders runs alone and leaves its events in the outbox: the whole shop would refuse orders that it cannot confirm in
    time, which `--what flood` measures. Customers take turns, because each new order counts the unpaid orders of its
    customer, and a real customer does not have thousands.
    """
    variant, tokens = some_variant(shop), cycle([sign_up(shop) for _ in range(CUSTOMERS)])
    body = json.dumps({"items": [{"sku": variant["sku"], "quantity": 1}], "expected_total": variant["price"]}).encode()

    def order(path: str) -> bytes:
        key = str(uuid.uuid4())
        return request("POST", path, body, Authorization=f"Bearer {next(tokens)}", Idempotency_Key=key)

    return (lambda: order("/api/v1/orders")), (lambda: order("/orders")), 201


def _product(shop: Running) -> Make:
    product = shop.call("GET", f"{PRODUCTS}?limit=1")["items"][0]
    got = request("GET", f"{PRODUCTS}/{product['slug']}")
    return lambda: got


def _reads_beside(shop: Running, seconds: float, readers: int, other: Callable[[], Measured]) -> Measured:
    """GETs of one product over so many connections, for so many seconds alone and until the other load is done."""
    return run_beside(shop.port, _product(shop), 200, seconds, readers, other)
