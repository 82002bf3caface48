"""Have a tax number verified."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.kernel.crash import crash_point
from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction
from app.modules.orders.domain.tax.numbers import PAUSE, TRIED_FOR, Answer, TaxNumber, Verifier
from app.modules.orders.domain.tax.rules import NumberState
from app.modules.orders.ports import UnitOfWork


def check_tax_number(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], verifier: Verifier, id: UUID
) -> timedelta | None:
    """The job: ask the verifier, outside of any transaction, and store its answer. One that is away is asked again for
    a day. Returns when to run it again. Raises Stale.
    """
    with reading() as uow:
        found = uow.tax_numbers.find(id)
    if found is None or found.state is not NumberState.PENDING:
        return None
    answer: Answer | None
    try:
        answer = verifier.verify(found.country, found.number)
    except Unavailable:
        answer = None
    with transaction() as uow:
        if answer is None and uow.now < found.created_at + TRIED_FOR:
            return PAUSE
        uow.tax_numbers.save(_answered(replace(found, checked_at=uow.now), answer))
    crash_point("after_tax_number_saved")
    return None


def _answered(number: TaxNumber, answer: Answer | None) -> TaxNumber:
    if answer is None:
        return replace(number, state=NumberState.UNREACHABLE)
    state = NumberState.VALID if answer.is_valid else NumberState.INVALID
    return replace(number, state=state, answered_name=answer.name, evidence=answer.evidence)
