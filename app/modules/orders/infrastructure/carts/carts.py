"""Carts in the database, one row each."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Executable, bindparam, delete, select, update

from app.kernel.deletes import delete_slice
from app.kernel.errors import Stale
from app.kernel.inserts import insert_if_absent
from app.modules.orders.domain.carts.cart import Cart
from app.modules.orders.infrastructure.tables import carts

OF_CUSTOMER = select(carts).where(carts.c.customer_id == bindparam("customer"))
OF_GUEST = select(carts).where(carts.c.token_hash == bindparam("hash"))
UNCHANGED_SINCE_READ = (carts.c.id == bindparam("cart_id")) & (carts.c.version == bindparam("read"))
UPDATE = (
    update(carts)
    .where(UNCHANGED_SINCE_READ)
    .values(
        items=bindparam("new_items"),
        codes=bindparam("new_codes"),
        order_id=bindparam("new_order"),
        touched_at=bindparam("now"),
        version=carts.c.version + 1,
    )
)
REMOVE = delete(carts).where(UNCHANGED_SINCE_READ)
UNLOCKED = {"order_id": None, "touched_at": bindparam("now"), "version": carts.c.version + 1}
UNLOCK = update(carts).where(carts.c.order_id == bindparam("locked_by")).values(UNLOCKED)
UNLOCK_EMPTY = (
    update(carts).where(carts.c.order_id == bindparam("locked_by")).values({**UNLOCKED, "items": "{}", "codes": "[]"})
)


class SqlCarts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_customer(self, customer_id: UUID) -> Cart | None:
        return self._first(OF_CUSTOMER, {"customer": customer_id})

    def of_guest(self, token_hash: bytes) -> Cart | None:
        return self._first(OF_GUEST, {"hash": token_hash})

    def save(self, cart: Cart) -> Cart:
        """Also raises Stale if the customer got a cart in another transaction since this one was read."""
        saved = replace(cart, version=cart.version + 1)
        if cart.version == 0:
            if not insert_if_absent(self._connection, carts, _row(saved)):
                raise Stale(f"customer {cart.customer_id} already has a cart")
            return saved
        row = _row(cart)
        changes = {
            "new_items": row["items"],
            "new_codes": row["codes"],
            "new_order": cart.order_id,
            "now": cart.touched_at,
        }
        self._write(UPDATE, cart, changes)
        return saved

    def remove(self, cart: Cart) -> None:
        self._write(REMOVE, cart, {})

    def unlock(self, order_id: UUID, *, keep_items: bool, now: datetime) -> None:
        self._connection.execute(UNLOCK if keep_items else UNLOCK_EMPTY, {"locked_by": order_id, "now": now})

    def prune(self, before: datetime) -> int:
        abandoned = carts.c.touched_at < before, carts.c.order_id.is_(None)
        return delete_slice(self._connection, carts, *abandoned, first=carts.c.touched_at)

    def _first(self, statement: Executable, parameters: dict[str, Any]) -> Cart | None:
        row = self._connection.execute(statement, parameters).first()
        if row is None:
            return None
        items = msgspec.json.decode(row.items, type=dict[str, int])
        codes = msgspec.json.decode(row.codes, type=tuple[str, ...])
        return Cart(**{**row._mapping, "items": items, "codes": codes})

    def _write(self, statement: Executable, cart: Cart, changes: dict[str, Any]) -> None:
        key = {"cart_id": cart.id, "read": cart.version}
        if self._connection.execute(statement, key | changes).rowcount == 0:
            raise Stale(f"cart {cart.id} was changed by someone else")


def _row(cart: Cart) -> dict[str, Any]:
    return {
        "id": cart.id,
        "customer_id": cart.customer_id,
        "token_hash": cart.token_hash,
        "items": msgspec.json.encode(dict(cart.items)).decode(),
        "codes": msgspec.json.encode(cart.codes).decode(),
        "order_id": cart.order_id,
        "touched_at": cart.touched_at,
        "version": cart.version,
    }
