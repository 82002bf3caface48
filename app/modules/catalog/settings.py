"""What catalog alone is set by: its database, its search, its currency."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.config import addresses
from app.config import parsers as kinds
from app.config.production import guessable
from app.config.reading import setting


def index_name(raw: str) -> str:
    """Lower-case letters, digits and dashes: what Elasticsearch takes in the name of an alias."""
    if not re.fullmatch("[a-z][a-z0-9-]{0,99}", raw):
        raise ValueError("give lower-case letters, digits and dashes, beginning with a letter")
    return raw


def currency(raw: str) -> str:
    """Three capital letters; or none."""
    if raw and not re.fullmatch(r"[A-Z]{3}", raw):
        raise ValueError("it is no currency, as EUR")
    return raw


@dataclass(frozen=True, kw_only=True)
class CatalogSettings:
    database: str | None = setting(
        "CATALOG_DATABASE_URL", addresses.database, None, "Database of catalog (default: SQLite).", True
    )
    elasticsearch_url: str = setting(
        "ELASTICSEARCH_URL", addresses.http_url, "", "Elasticsearch; empty: search in SQLite's FTS5.", True
    )
    elasticsearch_api_key: str = setting(
        "ELASTICSEARCH_API_KEY", kinds.text, "", "Encoded API key for Elasticsearch, in the place of a password.", True
    )
    elasticsearch_authority: str = setting(
        "ELASTICSEARCH_CA_FILE", kinds.text, "", "Certificates (PEM) that sign Elasticsearch's; empty: the system's."
    )
    search_index: str = setting(
        "ELASTICSEARCH_INDEX", index_name, "quartet-products", "Alias of the products' search index."
    )
    shop_currency: str = setting(
        "SHOP_CURRENCY",
        currency,
        "",
        "The one currency of all prices, as EUR; empty: that of the prices that exist, EUR where there are none.",
    )

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production."""
        return guessable(self)
