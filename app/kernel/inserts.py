"""Inserts of a row whose key may exist: then nothing happens, or the stored row changes."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel.compiled import execute


def insert_if_absent(
    connection: Connection, table: Table, values: Mapping[str, Any], unless: Select[Any] | None = None
) -> bool:
    """Insert one row unless its key exists or `unless` finds a row. Returns whether it was inserted.

    `values`: the row, and the parameters of `unless`.
    """
    return execute(connection, _insert_new(connection.dialect.name, table, unless), values).rowcount == 1


def upsert(
    connection: Connection,
    table: Table,
    keys: str,
    row: Mapping[str, Any],
    changes: Collection[str],
    counter: str | None = None,
) -> None:
    """Insert a row. If one with the same `keys` (column names separated by commas) exists, store the `changes` (column
    names) in it, and add one to its `counter`.
    """
    execute(connection, _upsert(connection.dialect.name, table, keys, tuple(changes), counter), row)


def forward(connection: Connection, table: Table, keys: str, row: Mapping[str, Any]) -> bool:
    """Store a copy of another module's fact if it is newer than the stored one: by `version`, and within one version by
    `revision`, which rises when the fact gains a field. Returns False if it is older or the same.
    """
    return execute(connection, _forward(connection.dialect.name, table, keys, tuple(row)), row).rowcount == 1


def _insert(dialect: str, table: Table) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table).inline()  # nobody needs the new key


# The statements are built once, since they run for each event, job and claim.
@cache
def _insert_new(dialect: str, table: Table, unless: Select[Any] | None) -> Any:
    statement = _insert(dialect, table)
    if unless is not None:
        row = select(*(bindparam(column.name, type_=column.type) for column in table.c))
        statement = statement.from_select([column.name for column in table.c], row.where(~unless.exists()))
    return statement.on_conflict_do_nothing()


@cache
def _upsert(dialect: str, table: Table, keys: str, changes: Sequence[str], counter: str | None) -> Any:
    statement = _insert(dialect, table)
    changed: dict[str, Any] = {name: statement.excluded[name] for name in changes}
    if counter is not None:
        changed[counter] = table.c[counter] + 1
    return statement.on_conflict_do_update(index_elements=keys.split(","), set_=changed)


@cache
def _forward(dialect: str, table: Table, keys: str, names: Sequence[str]) -> Any:
    statement = _insert(dialect, table)
    index = keys.split(",")
    newer = {name: statement.excluded[name] for name in names if name not in index}
    stored, given = (tuple_(each.version, each.revision) for each in (table.c, statement.excluded))
    return statement.on_conflict_do_update(index_elements=index, set_=newer, where=stored < given)
