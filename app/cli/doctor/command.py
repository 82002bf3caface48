"""The command `flask doctor`: runs all checks and prints their results."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby

import click
import msgspec
from flask import current_app
from flask.cli import with_appcontext

from app.bus.contracts import PUBLISHERS
from app.cli.doctor.databases import database_checks
from app.cli.doctor.events import events_check
from app.cli.doctor.examine import Named, examine
from app.cli.doctor.kafka_cluster import kafka_check
from app.cli.doctor.surroundings import data_check, packages_check, ports_check, settings_check
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, State
from app.runtime.background import Background
from app.wiring import Module

ORDER = (  # of the lines
    *("settings", "packages", "ports", "data", "database", "migrations", "signing key", "outbox", "parked", "jobs"),
    *("kafka", "topics", "groups", "redis"),
)
VERDICT = {
    State.OK: "Everything is in order.",
    State.WARN: "The shop works, but there are warnings. The line below each one says what to do.",
    State.WRONG: "Something is wrong. The line below it says what to do.",
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the results as one JSON document, for machines.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check everything that the shop depends on: settings, ports, databases, Kafka, Redis, events and jobs. For each
    fault, print what to do. Exits with 1 if something is wrong.

    It may run while the shop runs. A setting with a wrong value stops this command, as it stops the shop.
    """
    settings: Settings = current_app.extensions["quartet_settings"]
    modules: list[Module] = list(current_app.extensions["quartet_modules"].values())
    background: Background = current_app.extensions["quartet_background"]
    if settings.log_level != "DEBUG":
        logging.disable(logging.WARNING)  # the same faults are reported as results
    try:
        found = sorted(examine(_checks(settings, modules, background)), key=_rank)
    finally:
        logging.disable(logging.NOTSET)
    worst = max((each.state for each in found), key=list(State).index)
    if as_json:
        click.echo(msgspec.json.encode({"status": worst, "results": found}))
    else:
        for line in _lines(found):
            click.echo(line)
        click.echo(f"\n{VERDICT[worst]}")
    if worst is State.WRONG:
        raise SystemExit(1)


def _checks(settings: Settings, modules: Sequence[Module], background: Background) -> Iterator[Named]:
    from app.cli.doctor.redis_server import redis_check  # imports Redis's client, which no other command needs

    complete, can_deliver = {each.name for each in modules} == set(PUBLISHERS), background.transport.can_deliver()
    stored = [f"{module.name}'s database" for module in modules if module.database.is_sqlite]
    stored += [what for module in modules for what in module.stored]
    yield Named("settings", "", partial(settings_check, settings, modules))
    yield Named("packages", "", packages_check)
    yield Named("ports", "", partial(ports_check, settings, modules))
    yield Named("data", "", partial(data_check, settings, stored))
    for module, check in database_checks(settings, modules):
        yield Named("database", module.name, check)
        yield Named("outbox", module.name, partial(events_check, module, can_deliver=can_deliver))
        for name, own in module.checkups.items():
            yield Named(name, module.name, own)
    yield Named("kafka", "", partial(kafka_check, settings, modules, complete=complete))
    yield Named("redis", "", partial(redis_check, settings))


def _rank(result: CheckResult) -> int:
    """The position of a result: as in ORDER, then the modules' own checks, then the clocks."""
    if result.name == "clock":
        return len(ORDER) + 1
    return ORDER.index(result.name) if result.name in ORDER else len(ORDER)


def _lines(found: Sequence[CheckResult]) -> Iterator[str]:
    """Yield a line for each result. Equal results of several modules share a line."""
    for (name, state, sentence, advice), some in groupby(found, key=_columns):
        names = ", ".join(each.about for each in some if each.about)
        yield f"{state:<6} {name:<12} {f'{names}: ' if names else ''}{sentence}"
        if advice:
            yield f"{'':<19} → {advice}"


def _columns(result: CheckResult) -> tuple[str, State, str, str]:
    return result.name, result.state, result.sentence, result.advice
