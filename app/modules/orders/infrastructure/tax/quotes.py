"""The kept answers of a provider of tax, in the database."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from app.kernel.compiled import execute
from app.kernel.deletes import delete_slice
from app.kernel.inserts import upsert
from app.modules.orders.domain.tax.question import TaxAnswer, answer_as_text, answer_from_text
from app.modules.orders.infrastructure.tax.tables import tax_quotes

STORED = select(tax_quotes).where(
    tax_quotes.c.fingerprint == bindparam("the_fingerprint"), tax_quotes.c.expires_at > bindparam("now")
)


class SqlTaxQuotes:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def find(self, fingerprint: str) -> TaxAnswer | None:
        row = execute(self._connection, STORED, {"the_fingerprint": fingerprint, "now": self._now}).first()
        return answer_from_text(row.answer, row.calculation) if row else None

    def keep(self, fingerprint: str, answer: TaxAnswer, until: datetime) -> None:
        changes = {"answer": answer_as_text(answer), "calculation": answer.calculation, "expires_at": until}
        upsert(self._connection, tax_quotes, "fingerprint", {"fingerprint": fingerprint, **changes}, tuple(changes))

    def prune(self, now: datetime) -> int:
        expires_at = tax_quotes.c.expires_at
        return delete_slice(self._connection, tax_quotes, expires_at <= now, first=expires_at)
