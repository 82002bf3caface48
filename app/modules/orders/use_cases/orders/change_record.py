"""Read and change what staff store with an order for other systems."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.kernel.expected import Expected
from app.modules.orders.domain.orders.record import Record
from app.modules.orders.ports import UnitOfWork


def get_record(uow: UnitOfWork, order_id: UUID) -> Record:
    """Raises NotFound(no_such_order)."""
    uow.orders.get(order_id)
    return uow.records.of(order_id)


def change_record(
    uow: UnitOfWork, order_id: UUID, changes: Mapping[str, Any], expected: Expected, who: str, why: str
) -> Record:
    """Recorded in the trail, with who and why, but without the values: they may be personal data. The order does not
    change, and nothing is published.

    Raises NotFound(no_such_order), PreconditionFailed(stale_version), Conflict(external_reference_taken), Stale.
    """
    record = get_record(uow, order_id)
    expected.check(record.version)
    changed = replace(record, **changes)
    if changed == record:
        return record
    uow.trail.record(who, "change the record", str(order_id), why)
    return uow.records.save(changed)
