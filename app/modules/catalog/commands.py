"""`flask catalog …`"""

import click

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.announce import Announce
from app.modules.catalog.use_cases.search.index_products import Reindex
from app.modules.catalog.use_cases.search.verify_index import VerifyIndex
from app.web.commands import Commands

BATCH = 100  # skus a transaction


def commands(transaction: Transaction[UnitOfWork], reading: Transaction[Reading], search: Search) -> Commands:
    """The commands of catalog."""
    catalog = Commands("catalog", help="Offers, stock levels and the search index.")

    def count() -> tuple[int, int]:
        with reading() as shop:
            return shop.count()

    @catalog.command("announce")
    def announce() -> None:
        """Say every offer and every stock level again, for modules that have lost their copy."""
        _, skus = count()
        after: str | None = ""
        with click.progressbar(length=skus, label="Saying offers and stock levels") as bar:
            while after is not None:
                with transaction() as uow:
                    after, published = Announce(uow).execute(after, BATCH)
                bar.update(published)
        click.echo(f"Said again: {skus} offers and their stock levels.")

    @catalog.command("reindex")
    def reindex() -> None:
        """Make the search index anew; what it knew is found until it is done. Killed, it goes on where it was."""
        products, _ = count()
        with click.progressbar(length=products, label="Indexing products") as bar:
            Reindex(reading, search).execute(bar.update)
        click.echo(f"Indexed: {products} products.")

    @catalog.command("verify-index")
    @click.option("--fix", is_flag=True, help="Put right what differs.")
    def verify_index(fix: bool) -> None:
        """Hold the search index against the database. Ends with 1 where they differ and were not put right."""
        products, _ = count()
        if search.is_lost():
            raise click.ClickException("There is no whole index: run `flask catalog reindex`.")
        with click.progressbar(length=products, label="Comparing products") as bar:
            differs = VerifyIndex(reading, search).execute(fix=fix, progress=bar.update)
        if not differs:
            click.echo(f"The index agrees with the database on {products} products.")
            return
        summary = ", ".join(f"{many} {how}" for how, many in sorted(differs.items()))
        if not fix:
            raise click.ClickException(f"The index differs: {summary}. Run this again with --fix.")
        if differs["ahead"] or differs["unknown"]:  # of a database that was restored: only a new index forgets them
            with click.progressbar(length=products, label="Indexing products anew") as bar:
                Reindex(reading, search).execute(bar.update)
        click.echo(f"Put right: {summary}.")

    return catalog
