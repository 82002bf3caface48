"""The connection to Elasticsearch: its URL, the API key, and the CA of its certificate."""

from typing import Any

from app.modules.catalog.settings import CatalogSettings


def server(settings: CatalogSettings) -> dict[str, Any]:
    """Return the arguments with which every client of Elasticsearch is created."""
    arguments: dict[str, Any] = {"hosts": settings.elasticsearch_url}
    if settings.elasticsearch_api_key:
        arguments["api_key"] = settings.elasticsearch_api_key
    if settings.elasticsearch_authority:
        arguments["ca_certs"] = settings.elasticsearch_authority
    return arguments
