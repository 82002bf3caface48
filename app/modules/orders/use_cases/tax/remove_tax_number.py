"""See or delete a tax number of a customer."""

from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.orders.domain.tax.numbers import TaxNumber
from app.modules.orders.ports import UnitOfWork


def own_tax_number(uow: UnitOfWork, id: UUID, customer_id: UUID) -> TaxNumber:
    """Raises NotFound(no_such_tax_number), also if it is another customer's."""
    found = uow.tax_numbers.find(id)
    if found is None or found.customer_id != customer_id:
        raise NotFound("no_such_tax_number", f"there is no tax number {id}")
    return found


def remove_tax_number(uow: UnitOfWork, id: UUID, customer_id: UUID) -> None:
    """Delete a number; orders keep it as it was. Raises NotFound(no_such_tax_number)."""
    uow.tax_numbers.remove(own_tax_number(uow, id, customer_id).id)
