"""The settings of catalog alone: its database, its search and the currency of the shop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.config import addresses
from app.config import parsers as kinds
from app.config.production import guessable
from app.config.reading import setting


def index_name(raw: str) -> str:
    """Lower-case letters, digits and dashes, which Elasticsearch allows in the name of an alias."""
    if not re.fullmatch("[a-z][a-z0-9-]{0,99}", raw):
        raise ValueError("use lower-case letters, digits and dashes, beginning with a letter")
    return raw


def currency(raw: str) -> str:
    """Three capital letters; may be empty."""
    if raw and not re.fullmatch(r"[A-Z]{3}", raw):
        raise ValueError("it is not a currency code such as EUR")
    return raw


@dataclass(frozen=True, kw_only=True)
class CatalogSettings:
    database: str | None = setting(
        "CATALOG_DATABASE_URL", addresses.database, None, "Database of catalog (default: SQLite).", True
    )
    elasticsearch_url: str = setting(
        "ELASTICSEARCH_URL", addresses.http_url, "", "URL of Elasticsearch; empty: search in SQLite's FTS5.", True
    )
    elasticsearch_api_key: str = setting(
        "ELASTICSEARCH_API_KEY", kinds.text, "", "Encoded API key for Elasticsearch, instead of a password.", True
    )
    elasticsearch_authority: str = setting(
        "ELASTICSEARCH_CA_FILE",
        kinds.text,
        "",
        "CA certificates (PEM) that Elasticsearch's is verified with; empty: the system's.",
    )
    search_index: str = setting(
        "ELASTICSEARCH_INDEX", index_name, "quartet-products", "Alias of the search index of products."
    )
    shop_currency: str = setting(
        "SHOP_CURRENCY",
        currency,
        "",
        "Currency of all prices, such as EUR; empty: that of the existing prices, or EUR if there are none.",
    )

    def unsafe(self) -> Iterator[str]:
        """Yield the reasons why these settings are not safe for production."""
        return guessable(self)
