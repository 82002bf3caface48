"""How Elasticsearch stores a product: the fields, and the analysis of words."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from app.modules.catalog.domain.search import Document, Sold
from app.modules.catalog.domain.words import EDITION, sort_key

SYNONYMS = Path(__file__).parent / "synonyms.txt"
PAIR = "="  # between the name and the value of an attribute; no name contains it
ID_BITS = 48  # of a product's id in its rank: of a UUIDv7, the time


def settings() -> dict[str, Any]:
    """The text is cut into words and folded already: everything between two spaces is one word. In addition, stems and
    synonyms are found. Products are stored newest first, so that a list of the newest ends after its first page."""
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    groups = [line for line in lines if line.strip() and not line.startswith("#")]
    return {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "sort": {"field": ["created_at", "id"], "order": ["desc", "desc"]},
        "analysis": {
            "filter": {
                "stem": {"type": "stemmer", "language": "light_english"},
                "synonyms": {"type": "synonym_graph", "synonyms": groups},
            },
            "analyzer": {
                "words": _analyzer(),
                "stems": _analyzer("stem"),
                "stems_and_synonyms": _analyzer("stem", "synonyms"),
            },
        },
    }


def _analyzer(*filters: str) -> dict[str, Any]:
    return {"type": "custom", "tokenizer": "whitespace", "filter": list(filters)}


def _words() -> dict[str, Any]:
    stems = {"type": "text", "analyzer": "stems", "search_analyzer": "stems_and_synonyms"}
    prefixes = {"min_chars": 1, "max_chars": 10}
    return {"type": "text", "analyzer": "words", "index_prefixes": prefixes, "fields": {"stems": stems}}


STORED_ONLY = {"type": "keyword", "index": False, "doc_values": False}
MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"edition": EDITION},
    "properties": {
        "id": {"type": "keyword"},
        "version": {"type": "long"},
        "slug": {"type": "keyword"},
        "name": STORED_ONLY,
        "description": STORED_ONLY,
        "words": {"properties": {"name": _words(), "description": _words(), "rest": _words()}},
        "wholes": {"type": "keyword"},
        "sort_key": {"type": "keyword"},
        "length": {"type": "integer"},
        "rank": {"type": "long"},
        "category": {"type": "keyword"},
        "variants": {
            "type": "nested",
            "properties": {
                "sku": {"type": "keyword"},
                "price": {"type": "long"},
                "in_stock": {"type": "boolean"},
                "attributes": {"type": "keyword"},
            },
        },
        "price": {"type": "long"},
        "prices": {"type": "long"},
        "prices_in_stock": {"type": "long"},
        "currency": {"type": "keyword"},
        "in_stock": {"type": "boolean"},
        "on_sale": {"type": "boolean"},
        "created_at": {"type": "keyword"},
        "image": {"type": "object", "enabled": False},
    },
}


def source_of(document: Document) -> dict[str, Any]:
    """Return a product as it is indexed."""
    name, description, rest = (" ".join(words) for words in document.words)
    return {
        "id": document.id,
        "version": document.version,
        "slug": document.slug,
        "name": document.name,
        "description": document.description,
        "words": {"name": name, "description": description, "rest": rest},
        "wholes": document.wholes,
        "sort_key": sort_key(document.name),
        "length": document.length,
        "rank": rank_of(document),
        "category": document.category,
        "variants": [_variant(each) for each in sorted(document.variants, key=lambda each: each.sku)],
        "price": document.price,
        "prices": sorted({each.price for each in document.variants}),
        "prices_in_stock": sorted({each.price for each in document.variants if each.in_stock}),
        "currency": document.currency,
        "in_stock": document.in_stock,
        "on_sale": document.on_sale,
        "created_at": document.created_at,
        "image": asdict(document.image) if document.image else None,
    }


def rank_of(document: Document) -> int:
    """The order of products whose scores are equal, as one number, by which Elasticsearch skips what comes later: fewer
    words in the name first, then the newest. Products of the same millisecond are also sorted by id."""
    newest_first = (1 << ID_BITS) - 1 - (UUID(document.id).int >> 128 - ID_BITS)
    return document.length << ID_BITS | newest_first


def length_of(rank: int) -> int:
    """The words of a name with this rank."""
    return rank >> ID_BITS


def _variant(sold: Sold) -> dict[str, Any]:
    pairs = [PAIR.join(pair) for pair in sorted(sold.attributes)]
    return {"sku": sold.sku, "price": sold.price, "in_stock": sold.in_stock, "attributes": pairs}


def edition_of(index: Mapping[str, Any]) -> int:
    """Return the edition of the word rules that an index was built with."""
    return int(index["mappings"].get("_meta", {}).get("edition", 1))
