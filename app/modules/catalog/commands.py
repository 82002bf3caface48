"""`flask catalog …`"""

from typing import cast

import click
from flask import current_app

from app.kernel.transaction import Transaction
from app.modules.catalog.ports import Reading, Search, Work
from app.modules.catalog.use_cases.announce import Announce
from app.modules.catalog.use_cases.index_products import Reindex
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
    """Make the search index anew; what it knew is found until it is done."""
    module = _module()
    reading: Transaction[Reading] = module.reading
    with reading() as shop:
        products, _ = shop.count()
    with click.progressbar(length=products, label="Indexing products") as bar:
        Reindex(reading, cast(Search, module.adapters["search"])).execute(bar.update)
    click.echo(f"Indexed: {products} products.")


def _module() -> Module:
    module: Module = current_app.extensions["quartet_modules"]["catalog"]
    return module
