"""Steps that cause faults, that repair them, and that call the operators' routes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.bus.contracts.catalog import OfferChanged
from app.bus.drain import drain
from app.bus.event import Message, headers_of
from app.kernel import clock
from app.kernel.ids import new_id
from tests.shop import SAM, Caller, Shop

WHO = f"user:{SAM}"
BECAUSE = {"reason": "it is mended"}


def offer(sku: str, version: int = 1, price: int = 900) -> OfferChanged:
    """The event by which catalog offers a sku."""
    return OfferChanged(
        sku=sku, product_id=str(new_id()), name=sku, price=price, currency="EUR", on_sale=True, version=version
    )


def consumes(shop: Shop, module: str, event: Any, body: bytes | None = None) -> Message:
    """Let one module alone consume the event; with another body, if one is given."""
    headers = headers_of(event, new_id(), clock.now(), "r-1")
    message = Message(topic=event.topic(), key=event.key, headers=headers, body=body or event.to_json(), offset=7)
    [consumer] = [each for each in shop.background.consumers if each.name == module]
    consumer.handle(message)
    return message


@contextmanager
def without_table(shop: Shop, module: str, table: str) -> Iterator[None]:
    """Rename a table while the block runs."""
    _sql(shop, module, f"ALTER TABLE {table} RENAME TO lost")
    yield
    _sql(shop, module, f"ALTER TABLE lost RENAME TO {table}")


def empties(shop: Shop, module: str, table: str) -> None:
    """Delete all rows of a table."""
    _sql(shop, module, f"DELETE FROM {table}")


def drains(shop: Shop, module: str) -> int:
    """Run the slow retries that are due now. Returns how many events were consumed."""
    [consumer] = [each for each in shop.background.consumers if each.name == module]
    return drain(consumer, shop.modules[module].database)


def asked(caller: Caller, path: str, **kwargs: Any) -> Any:
    """Send a GET that must succeed. Returns the content."""
    answer = caller.get(path, **kwargs)
    assert answer.status_code == 200, answer.text
    return answer.json


def done(caller: Caller, path: str, body: Any, status: int = 200) -> Any:
    """Send a POST that must succeed. Returns the content."""
    answer = caller.post(path, body)
    assert answer.status_code == status, answer.text
    return answer.json if answer.data else None


def trail(caller: Caller, module: str) -> list[tuple[str, str, str]]:
    """The trail of operations: who did what, and why; newest first."""
    items = asked(caller, f"/ops/{module}/operations")["items"]
    return [(each["who"], each["what"], each["why"]) for each in items]


def _sql(shop: Shop, module: str, statement: str) -> None:
    with shop.modules[module].database.begin() as connection:
        connection.exec_driver_sql(statement)
