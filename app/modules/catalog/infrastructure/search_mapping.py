"""How Elasticsearch keeps a product: fields, and what becomes of words."""

from pathlib import Path
from typing import Any

from app.modules.catalog.domain.search import Document, folded

SYNONYMS = Path(__file__).parent / "synonyms.txt"
PAIR = "="  # between an attribute's name and its value; no name has it


def settings() -> dict[str, Any]:
    """Names are found whatever their accents, by stem and by synonym; synonyms count where something is looked for."""
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    groups = [line for line in lines if line.strip() and not line.startswith("#")]
    return {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "analysis": {
            "filter": {
                "fold": {"type": "asciifolding"},
                "stem": {"type": "stemmer", "language": "light_english"},
                "same": {"type": "synonym_graph", "synonyms": groups},
                "pairs": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 2},
            },
            "analyzer": {
                "kept": _analyzer("lowercase", "fold", "stem"),
                "asked": _analyzer("lowercase", "fold", "stem", "same"),
                "plain": _analyzer("lowercase", "fold"),
                "pairs": _analyzer("lowercase", "fold", "pairs"),
            },
        },
    }


def _analyzer(*filters: str) -> dict[str, Any]:
    return {"type": "custom", "tokenizer": "standard", "filter": list(filters)}


def _words(**fields: Any) -> dict[str, Any]:
    beginnings = {"type": "text", "analyzer": "plain", "index_prefixes": {"min_chars": 1, "max_chars": 10}}
    kept = {"type": "text", "analyzer": "kept", "search_analyzer": "asked"}
    return {**kept, "fields": {"plain": beginnings, **fields}}


MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "id": {"type": "keyword"},
        "version": {"type": "long"},
        "slug": {"type": "keyword"},
        "name": _words(pairs={"type": "text", "analyzer": "pairs"}),
        "folded": {"type": "keyword"},
        "description": _words(),
        "rest": _words(),
        "category": {"type": "keyword"},
        "attributes": {"type": "keyword"},
        "price": {"type": "long"},
        "currency": {"type": "keyword"},
        "in_stock": {"type": "boolean"},
        "on_sale": {"type": "boolean"},
        "created_at": {"type": "keyword"},
    },
}


def source_of(document: Document) -> dict[str, Any]:
    """A product as it is kept."""
    pairs = sorted(document.attributes)
    return {
        "id": document.id,
        "version": document.version,
        "slug": document.slug,
        "name": document.name,
        "folded": folded(document.name),
        "description": document.description,
        "rest": " ".join([*(f"{name} {value}" for name, value in pairs), *document.skus]),
        "category": document.category,
        "attributes": [PAIR.join(pair) for pair in pairs],
        "price": document.price,
        "currency": document.currency,
        "in_stock": document.in_stock,
        "on_sale": document.on_sale,
        "created_at": document.created_at,
    }
