"""The stock counters, changed by conditional updates so that nothing is sold twice; and the ledger of the changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Update, bindparam, insert, select, update

from app.kernel import clock
from app.kernel.compiled import execute
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_id
from app.kernel.inserts import insert_if_absent
from app.modules.catalog.domain.stock import Level, Movement, Short
from app.modules.catalog.infrastructure.jobs import enqueue_indexing, enqueue_stock_level
from app.modules.catalog.infrastructure.stock.dispatches import dispatched_of, remember
from app.modules.catalog.infrastructure.stock.open_holds import OPEN_HOLDS, hold_of
from app.modules.catalog.infrastructure.tables import holds, movements, stock, variants

MAX_ON_HAND = 10**9  # of one sku: the counters must fit into 32 bits
NOTHING: Mapping[str, int] = {}
NAMED = 20  # holds that an error lists
SKU: BindParameter[str] = bindparam("the_sku")
QUANTITY: BindParameter[int] = bindparam("quantity")
NOW_IT_IS = (stock.c.on_hand, stock.c.held, stock.c.version)
CHANGE = update(stock).where(stock.c.sku == SKU).returning(*NOW_IT_IS)
NEXT = {"version": stock.c.version + 1}
LESS_HELD, MORE_ON_HAND = stock.c.held - QUANTITY, stock.c.on_hand + QUANTITY
HOLD = CHANGE.where(stock.c.on_hand - stock.c.held >= QUANTITY).values(held=stock.c.held + QUANTITY, **NEXT)
FREE = CHANGE.values(held=LESS_HELD, **NEXT)
SELL = CHANGE.values(held=LESS_HELD, on_hand=stock.c.on_hand - QUANTITY, **NEXT)
ADD = CHANGE.values(on_hand=MORE_ON_HAND, **NEXT)
COUNT = ADD.where(stock.c.held <= MORE_ON_HAND, MORE_ON_HAND <= MAX_ON_HAND)
OF_ORDER = (holds.c.order_id == bindparam("order_id"), holds.c.quantity > 0)
HELD = select(holds.c.sku, holds.c.quantity).where(*OF_ORDER)
LEVELS = select(stock.c.sku, *NOW_IT_IS).where(stock.c.sku.in_(bindparam("skus", expanding=True)))
OF_HOLD = (holds.c.order_id == bindparam("order"), holds.c.sku == bindparam("of"), holds.c.quantity == bindparam("was"))
REDUCE = update(holds).where(*OF_HOLD).values(quantity=bindparam("rest"))
INSERT_HOLD, INSERT_MOVEMENT = insert(holds), insert(movements)
PRODUCT = select(variants.c.product_id).where(variants.c.sku == bindparam("sku"))


class SqlStock:
    """Updates the rows of an order in the order of their skus, so that two orders never deadlock. It is Python's order:
    a database sorts by the rules of a language, where `a` comes before `B`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        return self._count("received", sku, quantity, who, why, id)

    def adjust(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        return self._count("adjusted", sku, quantity, who, why, id)

    def hold(self, order_id: UUID, quantities: Mapping[str, int]) -> list[Short]:
        wanted = sorted(quantities.items())
        taken = [self._change(HOLD, sku, quantity) for sku, quantity in wanted]
        if None in taken:
            for (sku, quantity), level in zip(wanted, taken, strict=True):
                if level:
                    self._change(FREE, sku, quantity)
            return self.short_of(quantities)
        now = clock.now()
        rows = [{"order_id": order_id, "sku": sku, "quantity": quantity, "held_at": now} for sku, quantity in wanted]
        for row in rows:
            execute(self._connection, INSERT_HOLD, row)
        self._record(*(self._movement(sku, "held", quantity, "orders", "placed", order_id) for sku, quantity in wanted))
        self._enqueue_levels({sku: -quantity for sku, quantity in wanted}, taken)
        return []

    def sell(self, order_id: UUID) -> None:
        self._move(order_id, SELL, "sold", "confirmed", frees=0)

    def release(self, order_id: UUID) -> None:
        self._move(order_id, FREE, "released", "cancelled", frees=1)

    def take_back(self, order_id: UUID) -> None:
        self._move(order_id, ADD, "returned", "undone", frees=1, without=self.dispatched_for(order_id))

    def reduce_sale(self, order_id: UUID, remaining: Mapping[str, int]) -> None:
        excess = {}
        for sku, sold in self.held_for(order_id).items():
            rest = min(sold, remaining.get(sku, 0))
            values = {"order": order_id, "of": sku, "was": sold, "rest": rest}
            if rest < sold and execute(self._connection, REDUCE, values).rowcount:  # nobody else did so meanwhile
                excess[sku] = sold - rest
        levels = [self._change(ADD, sku, quantity) for sku, quantity in excess.items()]
        self._record(
            *(self._movement(sku, "returned", n, "orders", "cancelled", order_id) for sku, n in excess.items())
        )
        self._enqueue_levels(excess, levels)

    def dispatch(self, shipment_id: UUID, order_id: UUID, quantities: Mapping[str, int]) -> None:
        for sku, quantity in sorted(quantities.items()):
            if remember(self._connection, shipment_id, order_id, sku, quantity):
                self._record(self._movement(sku, "dispatched", quantity, "orders", "dispatched", order_id))

    def dispatched_for(self, order_id: UUID) -> Mapping[str, int]:
        return dispatched_of(self._connection, order_id)

    def short_of(self, quantities: Mapping[str, int]) -> list[Short]:
        available = {level.sku: level.available for level in self.levels(quantities)}
        return [
            Short(sku, wanted, available.get(sku, 0))
            for sku, wanted in sorted(quantities.items())
            if available.get(sku, 0) < wanted
        ]

    def held_for(self, order_id: UUID) -> Mapping[str, int]:
        rows = execute(self._connection, HELD, {"order_id": order_id})
        return dict(sorted((row.sku, row.quantity) for row in rows))

    def movement(self, id: UUID) -> Movement:
        row = self._connection.execute(select(movements).where(movements.c.id == id)).one()
        return Movement(**row._mapping)

    def level(self, sku: str) -> Level:
        return next(iter(self.levels([sku])), Level(sku, 0, 0, 0))

    def levels(self, skus: Collection[str]) -> Sequence[Level]:
        return [Level(*row) for row in self._connection.execute(LEVELS, {"skus": list(skus)})]

    def _count(self, kind: str, sku: str, quantity: int, who: str, why: str, id: UUID | None) -> Movement:
        insert_if_absent(self._connection, stock, {"sku": sku, "on_hand": 0, "held": 0, "version": 0})
        level = self._change(COUNT, sku, quantity)
        if level is None:
            raise self._refusal(sku, quantity)
        movement = self._movement(sku, kind, quantity, who, why, None, id)
        self._record(movement)
        self._enqueue_levels({sku: quantity}, [level])
        return movement

    def _refusal(self, sku: str, quantity: int) -> Conflict | Invalid:
        level = self.level(sku)
        if level.on_hand + quantity > MAX_ON_HAND:
            return Invalid("too_much_stock", f"the stock of one sku must not exceed {MAX_ON_HAND}")
        rows = self._connection.execute(OPEN_HOLDS, {"sku": sku, "limit": NAMED})
        named = [{"order_id": str(each.order_id), "quantity": each.quantity} for each in map(hold_of, rows)]
        sentence = f"{-quantity} of {sku} cannot be removed: {level.on_hand} on hand, {level.held} held for orders"
        return Conflict("not_enough_stock", sentence, {"available": level.available, "holds": named})

    def _move(
        self, order_id: UUID, change: Update, kind: str, why: str, frees: int, without: Mapping[str, int] = NOTHING
    ) -> None:
        units = {sku: quantity - without.get(sku, 0) for sku, quantity in self.held_for(order_id).items()}
        units = {sku: quantity for sku, quantity in units.items() if quantity > 0}
        levels = [self._change(change, sku, quantity) for sku, quantity in units.items()]
        self._record(*(self._movement(sku, kind, quantity, "orders", why, order_id) for sku, quantity in units.items()))
        if frees:  # a sale takes units that were held, so the available stock stays the same
            self._enqueue_levels(units, levels)

    def _change(self, change: Update, sku: str, quantity: int) -> Level | None:
        row = execute(self._connection, change, {"the_sku": sku, "quantity": quantity}).first()
        return Level(sku, *row) if row else None

    def _enqueue_levels(self, changes: Mapping[str, int], levels: Sequence[Level | None]) -> None:
        """Add jobs that publish the new levels, and that index the products that ran out or came back in stock."""
        now = {level.sku: level.available for level in levels if level}
        enqueue_stock_level(self._connection, sorted(now))
        flipped = [sku for sku, left in now.items() if (left > 0) != (left - changes[sku] > 0)]
        affected = {self._connection.execute(PRODUCT, {"sku": sku}).scalar_one() for sku in flipped}
        for product_id in sorted(affected):
            enqueue_indexing(self._connection, product_id)

    def _record(self, *rows: Movement) -> None:
        for row in rows:
            execute(self._connection, INSERT_MOVEMENT, asdict(row))

    def _movement(
        self, sku: str, kind: str, quantity: int, who: str, why: str, order_id: UUID | None, id: UUID | None = None
    ) -> Movement:
        return Movement(id or new_id(), sku, kind, quantity, order_id, who, why, clock.now())
