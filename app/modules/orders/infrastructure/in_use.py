"""Which features a shop uses: a shop without them pays for no other."""

from sqlalchemy import Connection, select

from app.kernel.compiled import execute
from app.modules.orders.domain.carts.quote import InUse
from app.modules.orders.infrastructure.promotions.tables import promotions
from app.modules.orders.infrastructure.shipping.tables import shipping_methods

AUTOMATIC = select(promotions.c.id).where(promotions.c.automatic, promotions.c.active).exists()
METHODS = select(shipping_methods.c.code).where(shipping_methods.c.active).exists()
IN_USE = select(AUTOMATIC.label("promotions"), METHODS.label("shipping"))


def in_use(connection: Connection) -> InUse:
    row = execute(connection, IN_USE, {}).one()
    return InUse(promotions=bool(row.promotions), shipping=bool(row.shipping))
