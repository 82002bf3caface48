"""Mark a customer as exempt from tax, or no longer. The trail has who did it and why."""

from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.orders.domain.tax.exemption import TaxExemption
from app.modules.orders.ports import UnitOfWork


def exempt_customer(uow: UnitOfWork, customer_id: UUID, who: str, why: str) -> TaxExemption:
    """From now on the orders of this customer have no tax where they would have some."""
    uow.trail.record(who, "exempt from tax", str(customer_id), why)
    uow.tax_exemptions.save(TaxExemption(customer_id=customer_id, reason=why, since=uow.now))
    found = uow.tax_exemptions.find(customer_id)
    assert found, "it was saved"
    return found


def end_exemption(uow: UnitOfWork, customer_id: UUID, who: str, why: str) -> None:
    """Raises NotFound(no_such_tax_exemption)."""
    if not uow.tax_exemptions.remove(customer_id):
        raise NotFound("no_such_tax_exemption", f"customer {customer_id} is not exempt from tax")
    uow.trail.record(who, "end exemption from tax", str(customer_id), why)
