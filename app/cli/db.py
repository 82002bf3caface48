"""`flask db …`: the tables of the modules."""

import subprocess
import sys
from pathlib import Path

import click

from app.cli import db_state
from app.cli.shell import module_named, modules
from app.runtime.migrate import is_installed, upgrade, write_next
from app.web.commands import Commands

db = Commands("db", help="The databases of the modules in this entry point.")
db_state.add_to(db)


@db.command("upgrade")
def upgrade_all() -> None:
    """Run the missing migrations of all modules, then the tasks of each module that require an up-to-date database."""
    upgrade(modules())
    click.echo(f"Up to date: {', '.join(module.name for module in modules())}.")


def _one_line(_ctx: click.Context, _param: click.Parameter, text: str) -> str:
    """Accept only a text that is valid in a docstring and, simplified, in the name of a file."""
    if not any(each.isalnum() for each in text) or not text.isprintable() or '"' in text or "\\" in text:
        raise click.BadParameter('give a line of words, without " and \\')
    return text.strip()


@db.command("revision")
@click.argument("name", metavar="MODULE")
@click.option(
    "--message",
    "-m",
    required=True,
    callback=_one_line,
    help="What the migration does: its title, and the name of its file.",
)
def revision(name: str, message: str) -> None:
    """Write the next migration of a module: the differences between its tables in the code and those in its database.
    The database is upgraded first. Review the file before you commit it.

    Where there is no difference, the migration is empty: use that to change rows. With SQLite, a changed length of a
    text column is not detected.
    """
    if is_installed():
        raise click.ClickException(
            "migrations are written into the source tree: run this command in a clone of the repository"
        )
    path = write_next(module_named(name, "MODULE"), message)
    _tidy(path)
    click.echo(f"{path} is written: review it, then run `flask db upgrade`.")


def _tidy(path: Path) -> None:
    """Format the file as `make check` requires. Alembic may write unused imports, and quotes differently."""
    for words in (["check", "--quiet", "--fix"], ["format", "--quiet"]):
        run = [sys.executable, "-m", "ruff", *words, str(path)]
        if subprocess.run(run, check=False).returncode:  # noqa: S603 — our own command line
            click.echo(f"Warning: `ruff {words[0]}` failed on this file: see its output above.", err=True)
