"""Statements that PostgreSQL prepares on a connection, so that it neither parses nor plans them each time.

A connection prepares a statement at its `prepare_threshold`th execution, 5 unless the URL of the database has another
(`?prepare_threshold=0`: never), as the drivers of other languages do. A pooler in transaction mode gives the next
transaction another connection of the server, on which nothing is prepared: where that shows, this process prepares
nothing more on this database, and the transaction is repeated.
"""

import hashlib
import logging
import re
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

log = logging.getLogger(__name__)

OPTION = "prepare_threshold"
THRESHOLD = 5
POOLED = {"26000", "42P05"}  # the statement is missing, or there already: prepared by another client
CHANGED = "0A000", "cached plan"  # the table has other columns or types since


class Prepared:
    """The SQL of one statement: as it is, to prepare and execute it, and to execute it once it is prepared.

    Its name is made from the SQL, so that no other client prepares another statement under it.
    """

    def __init__(self, sql: str) -> None:
        numbers: dict[str, int] = {}
        numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
        values = ", ".join(f"%({name})s" for name in numbers)
        self._name = f"quartet_{hashlib.sha256(sql.encode()).hexdigest()[:24]}"
        self._sql = sql
        self._execute = f"EXECUTE {self._name}" + (f" ({values})" if values else "")
        self._prepare = f"PREPARE {self._name} AS {numbered}; {self._execute}"

    def sql(self, connection: Connection) -> str:
        """The SQL for the next execution on this connection."""
        threshold = _threshold(connection)
        if not threshold:
            return self._sql
        uses: dict[str, int] = connection.info.setdefault("uses", {})  # as long as the connection to the server
        count = uses[self._name] = uses.get(self._name, 0) + 1
        return self._sql if count < threshold else self._prepare if count == threshold else self._execute


def prepare_on(engine: Engine, url: URL) -> None:
    """Let the connections of an engine prepare statements, as the URL says. Raises ValueError for a wrong number."""
    setattr(engine.dialect, OPTION, int(str(url.query.get(OPTION, THRESHOLD))))


def without_option(url: URL) -> URL:
    """The URL as the driver knows it."""
    return url.difference_update_query([OPTION])


def asks_to_prepare_anew(error: Any) -> bool:
    """Whether this error of the driver says that what was prepared is not there, or not as it was."""
    code = getattr(error, "pgcode", None)
    return code in POOLED or (code == CHANGED[0] and CHANGED[1] in str(error))


def prepare_anew(connection: Connection, error: Any) -> None:
    """After such an error, close the connection; where a pooler is the cause, prepare nothing more in this process."""
    if error.pgcode in POOLED and _threshold(connection):
        setattr(connection.dialect, OPTION, 0)
        log.warning(
            "a pooler gives each transaction another connection, so statements are not prepared any more: "
            "add ?%s=0 to the URL of this database",
            OPTION,
        )
    connection.invalidate(error)


def _threshold(connection: Connection) -> int:
    threshold: int = getattr(connection.dialect, OPTION, 0)
    return threshold
