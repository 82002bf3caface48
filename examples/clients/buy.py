"""Buys a mug with the client that openapi-python-client generates from /openapi.json, typed for mypy.

openapi-python-client generate --url http://127.0.0.1:5000/openapi.json --output-path client
PYTHONPATH=client python examples/clients/buy.py http://127.0.0.1:5000
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from quartet_client import AuthenticatedClient, Client
from quartet_client.api.auth import sign_in
from quartet_client.api.cart import quote
from quartet_client.api.orders import get_order, place_order
from quartet_client.api.payments import confirm_payment, list_payments
from quartet_client.api.products import get_product, list_products
from quartet_client.api.users import register
from quartet_client.models import (
    Address,
    AddressCountry,
    ConfirmPayment,
    Credentials,
    GetQuote,
    GetQuoteCountryType1,
    Order,
    OrderItem,
    OrderStatus,
    Payment,
    PaymentList,
    PlaceOrder,
    Product,
    ProductList,
    Quote,
    Registration,
    TokenPair,
)

T = TypeVar("T")
CODE, CITY = "10117", "Berlin"
ADDRESS = Address(name="Ada", line1="Unter den Linden 1", postal_code=CODE, city=CITY, country=AddressCountry.DE)


def main(base: str) -> None:
    """Register, sign in, order and pay."""
    email, password = f"{uuid4().hex}@example.com", "correct horse battery staple"
    guest = Client(base_url=base)
    register.sync(client=guest, body=Registration(email=email, password=password, name="Ada"))
    tokens = sign_in.sync(client=guest, body=Credentials(email=email, password=password))
    assert isinstance(tokens, TokenPair), tokens
    customer = AuthenticatedClient(base_url=base, token=tokens.access_token)

    found = list_products.sync(client=guest, q="mug", limit=1)
    assert isinstance(found, ProductList), found
    product = get_product.sync(found.items[0].slug, client=guest)
    assert isinstance(product, Product), product
    variant = product.variants[0]
    item = OrderItem(sku=variant.sku, quantity=2)
    to_berlin = GetQuote(items=[item], country=GetQuoteCountryType1.DE, postal_code=CODE)
    request = purchase(item, until(lambda: quoted(customer, to_berlin)), email)
    order = until(lambda: placed(customer, request))

    payment = until(lambda: payable(customer, order))
    card = ConfirmPayment(payment_method="pm_card_visa")
    paid = confirm_payment.sync(payment.id, client=customer, body=card, idempotency_key=str(uuid4()))
    assert isinstance(paid, Payment), paid
    until(lambda: seen(customer, order, OrderStatus.PAID))
    total = request.expected_total
    print(f"order {order.id} is paid: {total.amount} {total.currency}")


def quoted(customer: AuthenticatedClient, request: GetQuote) -> Quote | None:
    """None while orders has not received the offer yet, or the key that signed our token."""
    answer = quote.sync(client=customer, body=request)
    return answer if isinstance(answer, Quote) else None


def purchase(item: OrderItem, quote: Quote, email: str) -> PlaceOrder:
    """The order of this item, by the first method that ships it; a shop that does not ship needs no method."""
    if not quote.methods:
        return PlaceOrder(items=[item], expected_total=quote.totals.total)
    method = quote.methods[0]
    return PlaceOrder(
        items=[item],
        expected_total=method.totals.total,
        shipping_method=method.code,
        shipping_address=ADDRESS,
        email=email,
    )


def placed(customer: AuthenticatedClient, request: PlaceOrder) -> Order | None:
    """None while orders has not received the offer yet, or the key that signed our token."""
    answer = place_order.sync(client=customer, body=request, idempotency_key=str(uuid4()))
    return answer if isinstance(answer, Order) else None


def payable(customer: AuthenticatedClient, order: Order) -> Payment | None:
    """The payment of the order, once it exists."""
    answer = list_payments.sync(client=customer, order_id=order.id, wait=5)
    return answer.items[0] if isinstance(answer, PaymentList) and answer.items else None


def seen(customer: AuthenticatedClient, order: Order, status: OrderStatus) -> Order | None:
    """The order, once it has this status."""
    answer = get_order.sync(order.id, client=customer, wait=5)
    return answer if isinstance(answer, Order) and answer.status is status else None


def until(look: Callable[[], T | None]) -> T:
    """Call `look` every half second until it returns a value. Exits after 60 attempts."""
    for _ in range(60):
        if (found := look()) is not None:
            return found
        time.sleep(0.5)
    raise SystemExit("Timeout: the shop did not get there within 30 seconds.")


if __name__ == "__main__":
    main(sys.argv[1])
