"""The customers that are exempt from tax, in the database."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select

from app.kernel.compiled import execute
from app.kernel.inserts import upsert
from app.modules.orders.domain.tax.exemption import TaxExemption
from app.modules.orders.infrastructure.settings_cache import CachedSettings
from app.modules.orders.infrastructure.tax.tables import tax_exemptions

ONE = select(tax_exemptions).where(tax_exemptions.c.customer_id == bindparam("customer"))
ANY = select(tax_exemptions.c.customer_id).limit(1)


class SqlTaxExemptions:
    def __init__(self, connection: Connection, cached: CachedSettings) -> None:
        self._connection = connection
        self._cached = cached

    def find(self, customer_id: UUID) -> TaxExemption | None:
        if not self._cached.get("exemptions", lambda: bool(execute(self._connection, ANY, {}).all())):
            return None
        row = execute(self._connection, ONE, {"customer": customer_id}).first()
        return _exemption(row) if row else None

    def after(self, customer_id: UUID | None, limit: int) -> Sequence[TaxExemption]:
        query = select(tax_exemptions).order_by(tax_exemptions.c.customer_id).limit(limit)
        query = query.where(tax_exemptions.c.customer_id > customer_id) if customer_id else query
        return list(map(_exemption, self._connection.execute(query)))

    def save(self, exemption: TaxExemption) -> None:
        self._cached.forget()
        upsert(self._connection, tax_exemptions, "customer_id", asdict(exemption), ("reason",))

    def remove(self, customer_id: UUID) -> bool:
        self._cached.forget()
        is_it = tax_exemptions.c.customer_id == customer_id
        return self._connection.execute(delete(tax_exemptions).where(is_it)).rowcount == 1


def _exemption(row: Any) -> TaxExemption:
    return TaxExemption(customer_id=row.customer_id, reason=row.reason, since=row.since)
