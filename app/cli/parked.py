"""`flask bus parked …`: see why events are parked, retry or discard them."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click
import msgspec
from flask.cli import AppGroup
from sqlalchemy import Row

from app.bus import parking, stuck
from app.cli.shell import AS_JSON, REASON, module_named, modules, print_items, who
from app.kernel.clock import rfc3339
from app.kernel.errors import NotFound
from app.ops.parked import discard as discard_one
from app.ops.parked import payload_of, retry_many, waits_for
from app.ops.parked import retry as retry_one
from app.wiring import Module

parked = AppGroup("parked", help="Events that could not be consumed, with all later events of their keys.")

ROW = "{:<22} {:<36} {:<32} {}"
CAUSE = "{:<10} {:>6} {:>7}  {:<22} {:<14} {}"
AT_ONCE = 1000  # rows read at once
QUEUED_SHOWN = 10  # events that wait behind one and are listed


@parked.command("list")
@AS_JSON
def list_parked(as_json: bool) -> None:
    """List all parked events, oldest first, with the time of their next try. Exits with 1 if there are any.

    For a summary, use `flask bus parked causes`.
    """
    found = False
    if as_json:
        items = [_row_json(module, row) for module, row in _rows()]
        print_items(items)
        found = bool(items)
    else:
        for module, row in _rows():
            if not found:
                click.echo(ROW.format("id", "event", "key", "error"))
            found = True
            when = f"next try {rfc3339(row.next_try_at)}" if row.next_try_at else "waits for a person"
            click.echo(ROW.format(f"{module.name}/{row.id}", row.type, row.key, f"{row.error} ({when})"))
        if not found:
            click.echo("Nothing is parked.")
    if found:
        raise SystemExit(1)


@parked.command("causes")
@AS_JSON
def causes(as_json: bool) -> None:
    """List the causes for which keys are parked: each cause once, the most frequent first, with an example for `show`.
    Exits with 1 if there are any.

    The first event of a key failed; the later ones only wait behind it. So once a cause is removed, all of its keys can
    be retried: `flask bus parked retry --module … --cause …`.
    """
    found: list[tuple[Module, stuck.Cause]] = []
    for module in modules():
        with module.database.read() as connection:
            found += [(module, each) for each in stuck.causes(connection)]
    if as_json:
        print_items([_cause_json(module, each) for module, each in found])
    elif not found:
        click.echo("Nothing is parked.")
    else:
        click.echo(CAUSE.format("module", "keys", "events", "oldest", "example", "what failed, and why"))
        for module, each in found:
            oldest, what = f"{each.oldest:%Y-%m-%dT%H:%M:%SZ}", f"{each.type}: {each.cause}"
            example = f"{module.name}/{each.example}"
            click.echo(CAUSE.format(module.name, each.keys, each.events, oldest, example, what))
    if found:
        raise SystemExit(1)


@parked.command("show")
@click.argument("which")
def show(which: str) -> None:
    """Show a parked event in full: its payload, what consuming it does, and the events that wait behind it.

    WHICH is an id from `flask bus parked list`, such as orders/3.
    """
    module, id = _which(which)
    with module.database.read() as connection:
        row = stuck.one(connection, id)
        if row is None:  # it was consumed in the meantime
            raise NotFound("not_parked", f"there is no parked event {id}")
        count, some = stuck.queued_behind(connection, row, QUEUED_SHOWN)
    subscription = module.consumer().subscriptions.get(row.type)
    payload, payload_is = payload_of(row.body)
    body = payload if payload_is == "base64" else msgspec.json.encode(payload).decode()
    shown = {name: getattr(row, name) for name in ("type", "topic", "partition", "offset", "key", "event_id")}
    shown |= {"parked_at": rfc3339(row.parked_at), "error": row.error, "tries": row.tries}
    shown |= {
        "waits for": waits_for(row),
        "does": subscription.does if subscription else "nothing: the module does not subscribe to this type",
    }
    shown |= {"headers": row.headers, f"body ({payload_is})": body}
    shown |= {"behind it": f"{count}: {', '.join(f'{module.name}/{each.id}' for each in some)}" if count else "nothing"}
    for name, value in shown.items():
        click.echo(f"{name + ':':<14} {value}")


@parked.command("retry")
@click.argument("which", required=False)
@click.option("--module", "name", help="Instead of WHICH: retry all parked keys of this module.")
@click.option("--type", help="With --module: only keys whose first event is of this type.")
@click.option("--cause", help="With --module: only keys that failed for this cause, as `causes` lists it.")
@REASON
def retry(which: str | None, name: str | None, type: str | None, cause: str | None, reason: str) -> None:
    """Retry all parked events of the key of one event, or of all keys that failed for one cause.

    WHICH is an id from `flask bus parked list`, such as orders/3. Remove the cause first. Events keep their ids, so
    none takes effect twice.
    """
    if (which is None) == (name is None) or (which and (type or cause)):
        raise click.UsageError("give one event, such as orders/3; or --module, optionally with --type and --cause")
    if name is not None:
        again = retry_many(module_named(name).database, type, cause, who(), reason)
        click.echo(f"{again} keys of {name} will be retried within a second or two.")
    if which is not None:
        module, id = _which(which)
        retry_one(module.database, id, who(), reason)
        click.echo(f"{which} and the events that wait behind it will be retried within a second or two.")


@parked.command("discard")
@click.argument("which")
@REASON
def discard(which: str, reason: str) -> None:
    """Discard one parked event for good: it counts as consumed, without any effect.

    WHICH is an id from `flask bus parked list`, such as orders/3. The events that wait behind it are then consumed.
    What consuming this event would have done (see `flask bus parked show`) does not happen: do it by hand if needed.
    """
    module, id = _which(which)
    discard_one(module.database, id, who(), reason)
    click.echo(f"{which} is discarded; the events that wait behind it are consumed now.")


def _rows() -> Iterator[tuple[Module, Row[Any]]]:
    """Yield the parked events of each module, oldest first."""
    for module in modules():
        last = 0
        with module.database.read() as connection:
            while rows := stuck.rows(connection, None, None, last, AT_ONCE):
                for row in rows:
                    yield module, row
                last = rows[-1].id


def _row_json(module: Module, row: Row[Any]) -> dict[str, Any]:
    at = {"parked_at": rfc3339(row.parked_at), "next_try_at": rfc3339(row.next_try_at) if row.next_try_at else None}
    return {"id": f"{module.name}/{row.id}", "type": row.type, "key": row.key, "error": row.error, **at}


def _cause_json(module: Module, each: stuck.Cause) -> dict[str, Any]:
    about = {"module": module.name, **asdict(each)}
    return about | {"oldest": rfc3339(each.oldest), "example": f"{module.name}/{each.example}"}


def _which(which: str) -> tuple[Module, int]:
    name, _, id = which.partition("/")
    hosted = {module.name: module for module in modules()}
    if name not in hosted or not re.fullmatch("[0-9]{1,18}", id):
        raise click.BadParameter(f"{which!r} is not an id from `flask bus parked list`, such as orders/3")
    try:
        with hosted[name].database.read() as connection:
            parking.get(connection, int(id))
    except NotFound as error:
        raise click.ClickException(f"{name}: {error.sentence}") from None
    return hosted[name], int(id)
