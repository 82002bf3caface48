"""`flask db …`: the tables of the modules."""

import subprocess
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli import db_state
from app.cli.shell import module_named, modules
from app.runtime.migrate import is_installed, upgrade, write_next

db = AppGroup("db", help="The databases of the modules in this entry point.")
db_state.add_to(db)


@db.command("upgrade")
def upgrade_all() -> None:
    """Run the migrations that are missing, of all modules; then what each does on a database that is up to date."""
    upgrade(modules())
    click.echo(f"Up to date: {', '.join(module.name for module in modules())}.")


def _one_line(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """What may stand in a docstring and in the name of a file."""
    if not any(each.isalnum() for each in text) or not text.isprintable() or '"' in text or "\\" in text:
        raise click.BadParameter('give a line of words, without " and \\')
    return text.strip()


@db.command("revision")
@click.argument("name", metavar="MODULE")
@click.option(
    "--message", "-m", required=True, callback=_one_line, help="What it does: its title, and its file's name."
)
def revision(name: str, message: str) -> None:
    """Write the next migration of a module, with the next number: what its tables in the code have, and its database
    lacks. The database is brought up to date first. Read what was written before it is committed.

    It is empty where nothing differs: for rows that must change. SQLite does not tell how long a text may be.
    """
    if is_installed():
        raise click.ClickException("migrations are written beside the source: run this in a clone of the repository")
    path = write_next(module_named(name, "MODULE"), message)
    _tidy(path)
    click.echo(f"{path} is written: read it, then run `flask db upgrade`.")


def _tidy(path: Path) -> None:
    """As `make check` wants it. Alembic imports what it may not need, and quotes in its own way."""
    for words in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        run = [sys.executable, "-m", "ruff", *words, str(path)]
        if subprocess.run(run, check=False).returncode:  # noqa: S603 — our own command line
            click.echo(f"Warning: ruff {words[0]} did not tidy it: see above.", err=True)
