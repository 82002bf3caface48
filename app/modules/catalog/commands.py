"""The commands `flask catalog …`."""

import click

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.announce import Announce
from app.modules.catalog.use_cases.search.index_products import Reindex
from app.modules.catalog.use_cases.search.verify_index import VerifyIndex
from app.web.commands import Commands

BATCH = 100  # skus per transaction


def commands(transaction: Transaction[UnitOfWork], reading: Transaction[Reading], search: Search) -> Commands:
    catalog = Commands("catalog", help="Offers, stock levels and the search index.")

    def count() -> tuple[int, int]:
        with reading() as shop:
            return shop.count()

    @catalog.command("announce")
    def announce() -> None:
        """Publish every offer and every stock level again, for modules that have lost their copies."""
        _, skus = count()
        after: str | None = ""
        with click.progressbar(length=skus, label="Publishing offers and stock levels") as bar:
            while after is not None:
                with transaction() as uow:
                    after, published = Announce(uow).execute(after, BATCH)
                bar.update(published)
        click.echo(f"Published again: {skus} offers and their stock levels.")

    @catalog.command("reindex")
    def reindex() -> None:
        """Rebuild the search index. Searches use the old index until it is done. With Elasticsearch, a run that was
        interrupted is continued by the next one."""
        products, _ = count()
        with click.progressbar(length=products, label="Indexing products") as bar:
            Reindex(reading, search).execute(bar.update)
        click.echo(f"Indexed: {products} products.")

    @catalog.command("verify-index")
    @click.option("--fix", is_flag=True, help="Correct the products that differ.")
    def verify_index(fix: bool) -> None:
        """Compare the search index with the database. Exits with 1 if they differ and --fix was not given."""
        products, _ = count()
        if search.is_lost():
            raise click.ClickException("The index is missing or incomplete: run `flask catalog reindex`.")
        with click.progressbar(length=products, label="Comparing products") as bar:
            differs = VerifyIndex(reading, search).execute(fix=fix, progress=bar.update)
        if not differs:
            click.echo(f"The index agrees with the database on {products} products.")
            return
        summary = ", ".join(f"{count} {how}" for how, count in sorted(differs.items()))
        if not fix:
            raise click.ClickException(f"The index differs: {summary}. Run this again with --fix.")
        if differs["ahead"] or differs["unknown"]:  # after the database was restored: only a rebuild removes these
            with click.progressbar(length=products, label="Rebuilding the index") as bar:
                Reindex(reading, search).execute(bar.update)
        click.echo(f"Corrected: {summary}.")

    return catalog
