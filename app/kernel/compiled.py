"""Reads that customers wait for: compiled once, and executed by the driver itself.

SQLAlchemy writes the SQL, converts the values and pools the connections. Only its execution of the statement is left
out, which takes longer than the database does for one row.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect

Convert = Callable[[Any], Any]


class CompiledSelect:
    """A statement that reads, for connections to PostgreSQL and SQLite. Its rows are named tuples."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        row: Any = namedtuple("Row", statement.selected_columns.keys())  # type: ignore[misc]  # names of columns
        self._make: Callable[[Sequence[Any]], Any] = row._make
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, params: Mapping[str, Any]) -> Sequence[Any]:
        """All rows. Where the driver raises an error, SQLAlchemy executes the statement, and its error is raised.

        Statements are executed by SQLAlchemy as well while something listens to them, such as the trace of a request.
        """
        if connection.dispatch.before_cursor_execute:
            return connection.execute(self._statement, params).all()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name) or self._compiled.setdefault(
            dialect.name, _Compiled(self._statement, dialect)
        )
        try:
            cursor = connection.connection.cursor()
            try:
                cursor.execute(compiled.sql, compiled.values(params))
                rows = cursor.fetchall()
            finally:
                cursor.close()
        except dialect.loaded_dbapi.Error:
            return connection.execute(self._statement, params).all()
        if not compiled.converted:
            return [self._make(row) for row in rows]
        return [self._make(compiled.row(row)) for row in rows]


class _Compiled:
    """The SQL for one kind of database, and how its values are converted."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._positional: bool = compiled.positional
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        self._binds: list[tuple[str, Any, Convert | None]] = [
            (name, bind.value, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name in names
            for bind in [compiled.binds[name]]
        ]
        processors = [
            (n, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for n, column in enumerate(statement.selected_columns)
        ]
        self.converted: list[tuple[int, Convert]] = [(n, convert) for n, convert in processors if convert]

    def values(self, params: Mapping[str, Any]) -> Any:
        given = [
            (name, convert(value) if convert else value)
            for name, default, convert in self._binds
            for value in [params.get(name, default)]
        ]
        return [value for _, value in given] if self._positional else dict(given)

    def row(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for n, convert in self.converted:
            values[n] = convert(values[n])
        return values
