"""The route of a product's record: what staff store with it for other systems, which the public pages do not show."""

from dataclasses import dataclass
from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from msgspec import Raw, Struct

from app.kernel.transaction import Transaction
from app.modules.catalog.controllers.views import Attributes
from app.modules.catalog.ports import reading as port
from app.web.auth import staff_only
from app.web.blueprint import Answer, answers
from app.web.etags import etag_of
from app.web.operation import ETAG, operation


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
