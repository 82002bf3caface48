"""Statements that customers wait for: compiled once, and executed by the driver itself.

SQLAlchemy writes the SQL, converts the values, and pools the connections; errors are its own. Only its execution of the
statement is left out, which takes longer than the database does for one row.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

from app.kernel.prepared import Prepared, asks_to_prepare_anew, prepare_anew

Convert = Callable[[Any], Any]
Conversions = Sequence[tuple[int, Convert]]


class Result:
    """The rows that a statement returned, as named tuples, and the number of rows that it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        (row,) = self._rows
        return row


def execute(
    connection: Connection, statement: Executable, params: Mapping[str, Any], *more: Mapping[str, Any]
) -> Result:
    """Execute a statement that is built once, such as a constant of a file: it is stored here with its SQL.

    `more`: for a change that returns no rows, it is repeated with these, which have the same names.

    A change needs a transaction that has begun, or a connection of `Database.at_once`. What cannot be compiled
    beforehand (a list of values, defaults of Python) is executed by SQLAlchemy, and so is every statement while
    something listens to them, such as a trace.
    """
    if connection.dispatch.before_cursor_execute:
        return _by_sqlalchemy(connection, statement, params, *more)
    dialect = connection.dialect
    key = (statement, dialect.name, *params)
    compiled = _compiled.get(key)
    if compiled is None:
        compiled = _compiled[key] = _Compiled(statement, dialect, list(params))
    if not compiled.is_complete:
        return _by_sqlalchemy(connection, statement, params, *more)
    commits = connection.in_transaction() or connection.get_execution_options().get("changes_at_once")
    assert commits or not compiled.changes, "SQLAlchemy commits only the transactions that it began"
    cursor = connection.connection.cursor()
    try:
        sql = compiled.prepared.sql(connection) if compiled.prepared else compiled.sql
        if more:
            cursor.executemany(sql, [compiled.values(each) for each in (params, *more)])
        else:
            cursor.execute(sql, compiled.values(params))
        rows = compiled.rows(cursor.fetchall()) if compiled.returns_rows else ()
        return Result(rows, cursor.rowcount)
    except dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemys(connection, compiled.sql, error, cursor) from error
    finally:
        cursor.close()


class _Compiled:
    """The SQL for one kind of database, and how its values and rows are converted."""

    def __init__(self, statement: Any, dialect: Dialect, names: list[str]) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=names if statement.is_dml else None)
        self.sql, self.changes, self._positional = str(compiled), bool(statement.is_dml), bool(compiled.positional)
        self.is_complete = not (
            compiled.post_compile_params
            or compiled.literal_execute_params
            or compiled.escaped_bind_names
            or compiled.insert_prefetch
            or compiled.update_prefetch
        )
        can_prepare = dialect.name == "postgresql" and ";" not in self.sql
        self.prepared = Prepared(self.sql) if can_prepare else None
        self._names = list(compiled.positiontup if compiled.positional else compiled.binds)
        binds = [compiled.binds[name] for name in self._names]
        self._defaults = [(name, bind.effective_value) for name, bind in zip(self._names, binds, strict=True)]
        self._bound = _converters([bind.type for bind in binds], lambda it: it.bind_processor(dialect), dialect)
        columns = statement.exported_columns
        self.returns_rows = len(columns) > 0
        row: Any = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]  # names of columns
        self._make: Convert = row._make
        types = [each.type for each in columns]
        self._converted = _converters(types, lambda it: it.result_processor(dialect, None), dialect)

    def values(self, params: Mapping[str, Any]) -> Any:
        values = [params.get(name, default) for name, default in self._defaults]
        for n, convert in self._bound:
            values[n] = convert(values[n])
        return values if self._positional else dict(zip(self._names, values, strict=True))

    def rows(self, rows: Sequence[Any]) -> Sequence[Any]:
        return [self._make(self._row(row) if self._converted else row) for row in rows]

    def _row(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for n, convert in self._converted:
            values[n] = convert(values[n])
        return values


def _converters(types: Sequence[Any], converter_of: Callable[[Any], Convert | None], dialect: Dialect) -> Conversions:
    """Which values have to be converted, by their place, and how."""
    converters = (converter_of(each.dialect_impl(dialect)) for each in types)
    return [(n, convert) for n, convert in enumerate(converters) if convert]


_compiled: dict[tuple[Any, ...], _Compiled] = {}


def _by_sqlalchemy(connection: Connection, statement: Executable, *params: Mapping[str, Any]) -> Result:
    result = connection.execute(statement, params if len(params) > 1 else params[0])
    return Result(result.all() if result.returns_rows else (), result.rowcount)


def _as_sqlalchemys(connection: Connection, sql: str, error: Exception, cursor: Any) -> BaseException:
    """The error that SQLAlchemy raises for this one of the driver; a broken connection leaves the pool."""
    dialect: Any = connection.dialect
    broken = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if broken:
        connection.invalidate(error)
    elif asks_to_prepare_anew(error):
        prepare_anew(connection, error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=dialect,
    )
