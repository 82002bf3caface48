"""`flask audit`: compares data that is stored in two places, and reports discrepancies."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.shell import AS_JSON, Seconds, print_items, who
from app.kernel import clock
from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.errors import Refused
from app.ops import audits
from app.web.commands import in_a_sentence
from app.wiring import Module

MONTH = timedelta(days=30)
ROW = "{:<10} {:<10} {:>9} {:>9}   {}"


@click.command("audit")
@click.option(
    "--since",
    type=click.DateTime(),
    help="Audit what is open or began after this time, in UTC.  [default: 30 days ago]",
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely; repairs are recorded with your name.")
@click.option(
    "--wait",
    type=Seconds(0.1, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds to wait for reports of other modules and for changes in progress.",
)
@AS_JSON
@with_appcontext
@in_a_sentence()
def audit(since: datetime | None, fix: bool, wait: float, as_json: bool) -> None:
    """Compare orders with stock and payments, stock counters with the ledger, payments with Stripe, and the search
    index with the database. Exits with 1 if there are discrepancies that --fix has not repaired.

    The shop must be running, because the modules report their data by events. Changes that are still in progress do not
    count as discrepancies. An entry point runs the checks of the modules that it hosts.
    """
    scope = AuditScope(since=since.replace(tzinfo=UTC) if since else clock.now() - MONTH, wait=wait)
    checks = [(module, check) for module in _modules() for check in module.audits]
    if not checks and not as_json:
        click.echo("The modules that this entry point hosts have no checks. Use `flask --app wsgi audit`.")
        return
    rows, lines, items, left = [], [], [], 0
    for module, check in checks:
        compared, discrepancies = _run(module, check, scope)
        rows.append(ROW.format(module.name, check.name, compared, len(discrepancies), check.about))
        fixed = check.fix(discrepancies, who()) if fix and check.fix and discrepancies else 0
        left += len(discrepancies) - fixed
        lines += list(_lines(module, check, discrepancies, fixed))
        items.append(_check_json(module, check, compared, discrepancies, fixed))
    if as_json:
        print_items(items)
    else:
        click.echo(ROW.format("module", "check", "compared", "discrepancies", ""))
        click.echo("\n".join([*rows, *lines]))
    if left:
        raise SystemExit(1)


def _run(module: Module, check: Audit, scope: AuditScope) -> tuple[int, list[Discrepancy]]:
    """Run a check, and store its result in the module's database. Returns how many items were compared, and the
    discrepancies."""
    compared, discrepancies, label = 0, [], f"{module.name}: {check.name}"
    try:
        with click.progressbar(length=check.count(scope), label=label, file=sys.stderr) as bar:
            for each in check.compare(scope):
                if isinstance(each, Discrepancy):
                    discrepancies.append(each)
                else:
                    compared += each
                    bar.update(each)
    except Refused as refused:
        discrepancies.append(
            Discrepancy(subject=None, sentence=f"the check could not be completed: {refused.sentence}")
        )
    with module.database.begin() as connection:
        audits.save(connection, check.name, compared, [each.sentence for each in discrepancies])
    return compared, discrepancies


def _check_json(
    module: Module, check: Audit, compared: int, discrepancies: list[Discrepancy], fixed: int
) -> dict[str, Any]:
    found = [{"subject": each.subject, "sentence": each.sentence} for each in discrepancies]
    about = {"module": module.name, "check": check.name, "about": check.about, "compared": compared}
    return about | {
        "discrepancies": found,
        "mended": fixed,
        "advice": check.advice if fixed < len(discrepancies) else None,
    }


def _lines(module: Module, check: Audit, discrepancies: list[Discrepancy], fixed: int) -> Iterator[str]:
    if not discrepancies:
        return
    yield ""
    yield f"{module.name}: {check.name}"
    for each in discrepancies:
        yield f"  {each.sentence}"
    if fixed:
        yield f"  → {fixed} of {len(discrepancies)} are being repaired: run `flask audit` again in a few seconds."
    if fixed < len(discrepancies):
        yield f"  → {check.advice}"


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())
