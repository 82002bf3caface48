"""The routes of products' records: what staff store with them for other systems, which the public pages do not show."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from msgspec import Raw, Struct

from app.kernel.transaction import Transaction
from app.modules.catalog.controllers.views import Attributes
from app.modules.catalog.ports import reading as port
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import etag_of
from app.web.operation import ETAG, operation
from app.web.schemas import MAX_REFERENCE_LENGTH, Schema, Text


class VariantRecord(Struct, frozen=True):
    """What staff store with a variant for other systems."""

    sku: str
    external_reference: str | None
    metadata: Attributes
    version: int


class ProductRecord(Struct, frozen=True):
    """What staff store with a product and its variants for other systems."""

    id: UUID
    slug: str
    external_reference: str | None
    metadata: Attributes
    version: int
    variants: list[VariantRecord]


class ProductRecordList(Struct, frozen=True):
    """The records of the product with an external reference, and of the one with a variant that has it."""

    items: list[ProductRecord]
    next: None = None


class FindRecords(Schema):
    """The id in another system."""

    external_reference = Text(max_length=MAX_REFERENCE_LENGTH, required=True)


def records_blueprint(reading: Transaction[port.Reading]) -> Blueprint:
    """The blueprint of /product-records: apart from /products, whose paths are slugs, and whose answers are public."""
    blp = Blueprint("product_records", "/product-records", "Find products by their ids in other systems")
    blp.add("", Records, reading)
    return blp


@dataclass(frozen=True)
class Records(MethodView):
    reading: Transaction[port.Reading]

    @staff_only
    @arguments(FindRecords(), location="query")
    @answers(200, ProductRecordList)
    @operation("find_product_records")
    def get(self, query: dict[str, Any]) -> ProductRecordList:
        """Find the product, or the variant with its product, that has this external reference"""
        with self.reading() as shop:
            return ProductRecordList([_record_view(each) for each in shop.records_with(query["external_reference"])])


@dataclass(frozen=True)
class Record(MethodView):
    reading: Transaction[port.Reading]

    @staff_only
    @answers(200, ProductRecord, ETAG)
    @operation("get_product_record", refusals={404: "no_such_product"})
    def get(self, ref: str) -> Answer[ProductRecord] | Response:
        """Get what staff store with a product and its variants for other systems: external references and metadata"""
        with self.reading() as shop:
            record = shop.record(ref)
        tag = f"{etag_of(record.version)}.{record.edition}"
        headers = {"ETag": f'"{tag}"'}
        if request.if_none_match.contains_weak(tag):
            return Response(status=304, headers=headers)
        return Answer(_record_view(record), headers)


def _record_view(record: port.ProductRecord) -> ProductRecord:
    return ProductRecord(
        id=record.id,
        slug=record.slug,
        external_reference=record.external_reference,
        metadata=Raw(record.metadata),
        version=record.version,
        variants=[
            VariantRecord(each.sku, each.external_reference, Raw(each.metadata), each.version)
            for each in record.variants
        ],
    )
