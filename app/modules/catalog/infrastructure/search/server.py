"""How Elasticsearch is reached: where it is, by which key, and who signs its certificate."""

from typing import Any

from app.modules.catalog.settings import CatalogSettings


def server(settings: CatalogSettings) -> dict[str, Any]:
    """For every client of it."""
    reached: dict[str, Any] = {"hosts": settings.elasticsearch_url}
    if settings.elasticsearch_api_key:
        reached["api_key"] = settings.elasticsearch_api_key
    if settings.elasticsearch_authority:
        reached["ca_certs"] = settings.elasticsearch_authority
    return reached
