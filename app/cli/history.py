"""`flask bus replay`, `republish` and `operations`: send past events again, and see what was done by hand."""

from datetime import datetime

import click
from flask.cli import AppGroup, with_appcontext

from app.bus import history
from app.bus.history import EventFilter
from app.bus.transport.base import Transport, Unreachable
from app.cli.shell import AS_JSON, Reason, TimeParam, background, module_named, modules, print_items, who
from app.jobs import replay as replays
from app.jobs.worker import LEASE
from app.kernel import clock
from app.kernel.clock import rfc3339
from app.ops import operations
from app.ops.history import ask_for_replay, count_view, needs_others, published_types
from app.wiring import Module

AT_ONCE = 1000  # rows per transaction
COUNT_SECONDS = 86_400.0  # a command may count for as long as it takes
ENTRY = "{:<21} {:<10} {:<42} {:<15} {:<60} {}"


def add_to(bus: AppGroup) -> None:
    for command in (replay, republish, list_operations):
        bus.add_command(command)


@click.command("replay")
@with_appcontext
@click.option("--module", "name", required=True, help="The module that consumes the events again.")
@click.option(
    "--since", required=True, type=TimeParam(), help="Events published since this time, such as 2026-11-24T03:00:00Z."
)
@click.option("--until", type=TimeParam(), help="Events published until this time.  [default: now]")
@click.option("--type", help="Only events of this type, such as orders.order_placed.v1.")
@click.option("--key", help="Only events of this key, such as an order's id.")
@click.option(
    "--forget",
    is_flag=True,
    help="Projections consume the events again that they have consumed before: this rebuilds them.",
)
@click.option("--dry-run", is_flag=True, help="Only count the events.")
@click.option("--reason", type=Reason(), help="Why; recorded with your name. Required unless it is a dry run.")
def replay(
    name: str,
    since: datetime,
    until: datetime | None,
    type: str | None,
    key: str | None,
    forget: bool,
    dry_run: bool,
    reason: str | None,
) -> None:
    """Feed past events to a module again. The module may run meanwhile.

    Events that the module has consumed before have no second effect, so a replay only adds what was lost. Events of a
    parked key wait behind the parked ones. With --forget, projections (copies of other modules' data) consume all
    events once more; reactions, which have effects of their own, never do.

    Only events that the module has read from its topics before are replayed. Kafka has them for KAFKA_RETENTION_DAYS;
    without Kafka, they come from the outboxes, which have them for 7 days. If this command is interrupted, the running
    shop continues the replay.
    """
    module, transport, consumer = module_named(name), background().transport, background().consumer_of(name)
    needs_others(transport)
    types = replays.types_meant(consumer, type, forget)
    event_filter = EventFilter(since=since, until=until or clock.now(), types=types, key=key, forget=forget)
    try:
        found = replays.count(consumer, module.database, transport, event_filter, COUNT_SECONDS)
        for each in count_view(found).by_type:
            click.echo(f"{each.events:>8} {each.type}, {each.to_handle} to handle")
        click.echo(f"{found.events.total():>8} events, {found.to_handle.total()} to handle")
        if not dry_run:
            _replay(module, transport, event_filter, _given(reason), found.events.total())
    except Unreachable as error:
        raise click.ClickException(f"Past events cannot be read at present: {error}") from None


@click.command("republish")
@with_appcontext
@click.option("--module", "name", required=True, help="The module whose events are sent again.")
@click.option(
    "--since", required=True, type=TimeParam(), help="Events published since this time, such as 2026-11-24T03:00:00Z."
)
@click.option("--until", type=TimeParam(), help="Events published until this time.  [default: now]")
@click.option("--type", help="Only events of this type, such as orders.order_placed.v1.")
@click.option("--key", help="Only events of this key, such as an order's id.")
@click.option("--dry-run", is_flag=True, help="Only count the events.")
@click.option("--reason", type=Reason(), help="Why; recorded with your name. Required unless it is a dry run.")
def republish(
    name: str,
    since: datetime,
    until: datetime | None,
    type: str | None,
    key: str | None,
    dry_run: bool,
    reason: str | None,
) -> None:
    """Send past events of a module's outbox again, because the broker has lost them.

    The events have the same ids as before, so modules that have consumed them ignore them. The outbox stores events for
    7 days. The running shop sends them again, those of one key in order, but after later events that were sent already.
    """
    module = module_named(name)
    event_filter = EventFilter(since=since, until=until or clock.now(), types=published_types(name, type), key=key)
    with module.database.read() as connection:
        by_type, retained_since = history.count(connection, event_filter), history.oldest(connection)
    for each, events in by_type.items():
        click.echo(f"{events:>8} {each}")
    total = sum(by_type.values())
    outbox = f"has events since {rfc3339(retained_since)}" if retained_since else "is empty"
    click.echo(f"{total:>8} events; the outbox {outbox}")
    if not dry_run:
        _republish(module, event_filter, _given(reason), total)


@click.command("operations")
@with_appcontext
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum per module.")
@AS_JSON
def list_operations(limit: int, as_json: bool) -> None:
    """List the operations that people did by hand, with their reasons, newest first."""
    if as_json:
        print_items([each for module in modules() for each in _operations_json(module, limit)])
        return
    click.echo(ENTRY.format("when", "module", "who", "what", "to what", "why").rstrip())
    for module in modules():
        with module.database.read() as connection:
            for row in operations.newest(connection, None, limit):
                at = f"{row.at:%Y-%m-%dT%H:%M:%SZ}"
                click.echo(ENTRY.format(at, module.name, row.who, row.what, row.subject, row.why))


def _operations_json(module: Module, limit: int) -> list[dict[str, str]]:
    with module.database.read() as connection:
        rows = operations.newest(connection, None, limit)
    return [
        {"at": rfc3339(row.at), "module": module.name}
        | {name: getattr(row, name) for name in ("who", "what", "subject", "why")}
        for row in rows
    ]


def _replay(module: Module, transport: Transport, event_filter: EventFilter, reason: str, total: int) -> None:
    consumer, database = background().consumer_of(module.name), module.database
    with database.begin() as connection:
        id = ask_for_replay(
            connection, event_filter, who(), reason, clock.now() + LEASE
        )  # if this process ends early, a worker continues
    with click.progressbar(length=total, label="replaying") as bar:
        while not replays.go_on(consumer, database, transport, id, bar.update):
            with database.begin() as connection:
                replays.put_off(connection, id, LEASE)
    with database.begin() as connection:
        replays.drop(connection, id)
    with database.read() as connection:
        counts = replays.counts_of(replays.get(connection, id))
    summary = ", ".join(f"{events} {outcome}" for outcome, events in sorted(counts.items())) or "nothing to do"
    click.echo(f"{module.name}: {summary}.")


def _republish(module: Module, event_filter: EventFilter, reason: str, total: int) -> None:
    last, events = 0, AT_ONCE
    with click.progressbar(length=total, label="marking") as bar:
        while events == AT_ONCE:
            with module.database.begin() as connection:
                if last == 0:
                    operations.record(connection, who(), "republish", f"{total} of {event_filter}", reason)
                events, last = history.mark_unpublished(connection, event_filter, last, AT_ONCE)
            bar.update(events)
    click.echo(f"{module.name}: the relay will send them again.")


def _given(reason: str | None) -> str:
    if reason is None:
        raise click.UsageError("give the reason with --reason, or only count the events with --dry-run")
    return reason
