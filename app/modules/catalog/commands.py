"""`flask catalog …`"""

from typing import cast

import click
from flask import current_app

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.announce import Announce
from app.modules.catalog.use_cases.index_products import Reindex
from app.modules.catalog.use_cases.verify_index import VerifyIndex
from app.web.commands import Commands
from app.wiring import Module

BATCH = 100  # skus a transaction

catalog = Commands("catalog", help="Offers, stock levels and the search index.")


@catalog.command("announce")
def announce() -> None:
    """Say every offer and every stock level again, for modules that have lost their copy."""
    module = _module()
    transaction: Transaction[Work] = module.transaction
    with module.reading() as reading:
        _, skus = reading.count()
    after: str | None = ""
    with click.progressbar(length=skus, label="Saying offers and stock levels") as bar:
        while after is not None:
            with transaction() as work:
                after, said = Announce(work).execute(after, BATCH)
            bar.update(said)
    click.echo(f"Said again: {skus} offers and their stock levels.")


@catalog.command("reindex")
def reindex() -> None:
    """Make the search index anew; what it knew is found until it is done. Killed, it goes on where it was."""
    reading, search, products = _index()
    with click.progressbar(length=products, label="Indexing products") as bar:
        Reindex(reading, search).execute(bar.update)
    click.echo(f"Indexed: {products} products.")


@catalog.command("verify-index")
@click.option("--fix", is_flag=True, help="Put right what differs.")
def verify_index(fix: bool) -> None:
    """Hold the search index against the database. Ends with 1 where they differ and were not put right."""
    reading, search, products = _index()
    if search.is_lost():
        raise click.ClickException("There is no whole index: run `flask catalog reindex`.")
    with click.progressbar(length=products, label="Comparing products") as bar:
        differs = VerifyIndex(reading, search).execute(fix=fix, progress=bar.update)
    if not differs:
        click.echo(f"The index agrees with the database on {products} products.")
        return
    told = ", ".join(f"{count} {how}" for how, count in sorted(differs.items()))
    if not fix:
        raise click.ClickException(f"The index differs: {told}. Run this again with --fix.")
    if differs["ahead"] or differs["unknown"]:  # of a database that was restored: only a new index forgets them
        with click.progressbar(length=products, label="Indexing products anew") as bar:
            Reindex(reading, search).execute(bar.update)
    click.echo(f"Put right: {told}.")


def _index() -> tuple[Transaction[Reading], Search, int]:
    module = _module()
    reading: Transaction[Reading] = module.reading
    with reading() as shop:
        products, _ = shop.count()
    return reading, cast(Search, module.adapters["search"]), products


def _module() -> Module:
    module: Module = current_app.extensions["quartet_modules"]["catalog"]
    return module
