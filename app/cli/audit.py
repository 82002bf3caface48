"""`flask audit`: whether the modules, and what each keeps twice, still tell one story."""

import getpass
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.shell import AS_JSON, print_items
from app.kernel import clock
from app.kernel.audit import Audit, AuditScope, Discrepancy
from app.kernel.errors import Refused
from app.ops import audits
from app.web.commands import in_a_sentence
from app.wiring import Module

MONTH = timedelta(days=30)
ROW = "{:<10} {:<10} {:>9} {:>9}   {}"


@click.command("audit")
@click.option("--since", type=click.DateTime(), help="What was begun since then, in UTC.  [default: 30 days ago]")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely; each is written down with your name.")
@click.option(
    "--wait", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds for what is under way."
)
@AS_JSON
@with_appcontext
@in_a_sentence()
def audit(since: datetime | None, fix: bool, wait: float, as_json: bool) -> None:
    """Compare what must agree: orders with stock and money, counters with the ledger, payments with Stripe, the index
    with the database. Ends with 1 where something does not agree and was not seen to.

    The running shop answers by events; what is still under way is no discrepancy. Each entry point makes
    the checks of the modules it hosts.
    """
    asked = AuditScope(since=since.replace(tzinfo=UTC) if since else clock.now() - MONTH, wait=wait)
    checks = [(module, check) for module in _modules() for check in module.audits]
    if not checks and not as_json:
        click.echo("There is nothing to audit in what this entry point hosts.")
        return
    rows, lines, items, left = [], [], [], 0
    for module, check in checks:
        compared, discrepancies = _made(module, check, asked)
        rows.append(ROW.format(module.name, check.name, compared, len(discrepancies), check.about))
        mended = check.fix(discrepancies, f"shell:{getpass.getuser()}") if fix and check.fix and discrepancies else 0
        left += len(discrepancies) - mended
        lines += list(_lines(module, check, discrepancies, mended))
        items.append(_check_json(module, check, compared, discrepancies, mended))
    if as_json:
        print_items(items)
    else:
        click.echo(ROW.format("module", "check", "compared", "discrepancies", ""))
        click.echo("\n".join([*rows, *lines]))
    if left:
        raise SystemExit(1)


def _made(module: Module, check: Audit, asked: AuditScope) -> tuple[int, list[Discrepancy]]:
    """How much was compared, and what was found; kept in the module's database."""
    compared, discrepancies, label = 0, [], f"{module.name}: {check.name}"
    try:
        with click.progressbar(length=check.count(asked), label=label, file=sys.stderr) as bar:
            for each in check.compare(asked):
                if isinstance(each, Discrepancy):
                    discrepancies.append(each)
                else:
                    compared += each
                    bar.update(each)
    except Refused as refused:
        discrepancies.append(Discrepancy(subject=None, sentence=f"it could not be made whole: {refused.sentence}"))
    with module.database.begin() as connection:
        audits.save(connection, check.name, compared, [each.sentence for each in discrepancies])
    return compared, discrepancies


def _check_json(
    module: Module, check: Audit, compared: int, discrepancies: list[Discrepancy], mended: int
) -> dict[str, Any]:
    found = [{"subject": each.subject, "sentence": each.sentence} for each in discrepancies]
    about = {"module": module.name, "check": check.name, "about": check.about, "compared": compared}
    return about | {
        "discrepancies": found,
        "mended": mended,
        "advice": check.advice if mended < len(discrepancies) else None,
    }


def _lines(module: Module, check: Audit, discrepancies: list[Discrepancy], mended: int) -> Iterator[str]:
    if not discrepancies:
        return
    yield ""
    yield f"{module.name}: {check.name}"
    for each in discrepancies:
        yield f"  {each.sentence}"
    if mended:
        yield f"  → {mended} of {len(discrepancies)} are seen to: audit again in a moment."
    if mended < len(discrepancies):
        yield f"  → {check.advice}"


def _modules() -> list[Module]:
    return list(current_app.extensions["quartet_modules"].values())
