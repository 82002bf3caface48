"""The reservations of orders, without the ORM: each order that is placed, and each that is confirmed, waits for one."""

from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from app.kernel.compiled import execute
from app.kernel.errors import NotFound, Stale
from app.modules.catalog.domain.stock import Reservation
from app.modules.catalog.infrastructure.tables import reservations

INSERT = insert(reservations)
ONE = select(reservations).where(reservations.c.order_id == bindparam("of"))
SAVE = (
    update(reservations)
    .where(reservations.c.order_id == bindparam("of"), reservations.c.version == bindparam("read"))
    .values(status=bindparam("status"), version=bindparam("version"))
)


class SqlReservations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, reservation: Reservation) -> None:
        execute(self._connection, INSERT, vars(reservation))

    def save(self, reservation: Reservation) -> None:
        values = {"of": reservation.order_id, "read": reservation.version - 1}
        values |= {"status": reservation.status, "version": reservation.version}
        if execute(self._connection, SAVE, values).rowcount == 0:
            raise Stale(f"the reservation of order {reservation.order_id} was changed by someone else")

    def of(self, order_id: UUID) -> Reservation:
        reservation = self.find(order_id)
        if reservation is None:
            raise NotFound("no_such_reservation", f"order {order_id} has no reservation of stock")
        return reservation

    def find(self, order_id: UUID) -> Reservation | None:
        row = execute(self._connection, ONE, {"of": order_id}).first()
        return Reservation(**row._asdict()) if row else None
