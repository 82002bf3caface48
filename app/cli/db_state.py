"""`flask db current`, `history` and `check`: the migrations that the database of each module has."""

import click
from flask.cli import AppGroup, with_appcontext

from app.cli.shell import AS_JSON, modules, print_items
from app.runtime.migrate import MigrationState, history, migration_state
from app.web.commands import in_a_sentence

ROW = "{:<10} {:<10} {:<10} {}"
STEP = "{:<10} {:<10} {:<8} {}"


def add_to(db: AppGroup) -> None:
    for command in (current, list_history, check):
        db.add_command(command)


@click.command("current")
@AS_JSON
@with_appcontext
@in_a_sentence()
def current(as_json: bool) -> None:
    """List the modules with the revision of the database, the newest revision of this version, and their difference."""
    _print([migration_state(module) for module in modules()], as_json)


@click.command("history")
@AS_JSON
@with_appcontext
@in_a_sentence()
def list_history(as_json: bool) -> None:
    """List every revision of every module, oldest first, and whether the database has it."""
    steps = [(module.name, step) for module in modules() for step in history(module)]
    if as_json:
        print_items([{"module": name, **step._asdict()} for name, step in steps])
        return
    click.echo(STEP.format("module", "revision", "applied", "what"))
    for name, step in steps:
        click.echo(STEP.format(name, step.revision, "yes" if step.applied else "no", step.message))


@click.command("check")
@AS_JSON
@with_appcontext
@in_a_sentence()
def check(as_json: bool) -> None:
    """List as `current` does, and exit with 1 if a database is behind, so that a deployment can stop there.

    A database that is ahead is not an error: a newer version has migrated it, and this version still works with it.
    """
    found = [migration_state(module) for module in modules()]
    _print(found, as_json)
    if any(each.missing for each in found):
        raise SystemExit(1)


def _print(found: list[MigrationState], as_json: bool) -> None:
    if as_json:
        print_items([each._asdict() for each in found])
        return
    click.echo(ROW.format("module", "revision", "head", "standing"))
    for each in found:
        click.echo(ROW.format(each.module, each.revision or "-", each.head or "-", _sentence(each)))


def _sentence(each: MigrationState) -> str:
    if each.newer_than_code:
        return "ahead: a newer version has migrated it. Deploy that version here, too."
    if each.missing:
        return f"behind, missing {', '.join(each.missing)}: run `flask db upgrade`."
    return "up to date"
