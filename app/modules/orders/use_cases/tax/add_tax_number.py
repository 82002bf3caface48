"""Add a tax number of a customer, which is then verified."""

from uuid import UUID

from app.kernel.errors import Conflict
from app.modules.orders.domain.tax.numbers import MAX_NUMBERS, TaxNumber, normalized_number
from app.modules.orders.ports import UnitOfWork


def add_tax_number(uow: UnitOfWork, id: UUID, customer_id: UUID, country: str, typed: str) -> TaxNumber:
    """Store a number as pending, and ask the verifier by a job.

    Raises Invalid(bad_tax_number), Conflict(tax_is_off, tax_number_exists, too_many_tax_numbers).
    """
    if uow.policies.tax.is_off:
        raise Conflict("tax_is_off", "this shop charges no tax: it has no use for a tax number")
    number = normalized_number(country, typed)
    uow.tax_numbers.lock(customer_id)
    own = uow.tax_numbers.of(customer_id)
    if any((each.country, each.number) == (country, number) for each in own):
        raise Conflict("tax_number_exists", "you have added this number already: delete it to have it verified again")
    if len(own) >= MAX_NUMBERS:
        raise Conflict("too_many_tax_numbers", f"the limit is {MAX_NUMBERS}: delete one", {"limit": MAX_NUMBERS})
    added = TaxNumber(id=id, customer_id=customer_id, country=country, number=number, created_at=uow.now)
    saved = uow.tax_numbers.save(added)
    uow.tax_numbers.enqueue_check(id)
    return saved
