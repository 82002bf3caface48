"""The arguments of the operations: JSON bodies and queries."""

from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from app.web.paging import PageArgs
from app.web.schemas import OTHERS, DateTimeField, Flag, Schema, Text

MAX_REASON_LENGTH = 500


class OperationReason(Schema):
    """The reason for an operation. It is stored with the caller and the time."""

    example: ClassVar[dict[str, object]] = {"reason": "the customer called"}

    reason = Text(max_length=MAX_REASON_LENGTH, lines=True, required=True)


class ListParked(PageArgs):
    type = Text(max_length=120, load_default=None)
    key = Text(max_length=200, load_default=None)


class RetryRequest(OperationReason):
    """The keys to retry: those whose first event is of this type, and failed for this cause, as listed by `causes`."""

    example: ClassVar = {"reason": "the bug is fixed", "type": "payments.payment_captured.v1"}

    type = Text(max_length=120, load_default=None)
    cause = Text(max_length=300, load_default=None)


class RepublishRequest(Schema):
    """Which past events. `dry_run` only counts them; without it, a reason is required."""

    example: ClassVar = {"since": "2026-11-24T03:00:00Z", "reason": "the topic was lost"}

    described: ClassVar = {
        "if": {"properties": {"dry_run": {"const": True}}, "required": ["dry_run"], **OTHERS},
        "else": {"properties": {"reason": {"type": "string"}}, "required": ["reason"], **OTHERS},
    }

    since = DateTimeField(required=True, metadata={"example": "2026-11-24T03:00:00Z"})
    until = DateTimeField(load_default=None, metadata={"description": "default: now"})
    type = Text(max_length=120, load_default=None)
    key = Text(max_length=200, load_default=None)
    dry_run = Flag(load_default=False)
    reason = Text(max_length=MAX_REASON_LENGTH, load_default=None)

    @validates_schema
    def _has_a_reason(self, values: dict[str, Any], **_: Any) -> None:
        if not values["dry_run"] and values["reason"] is None:
            raise ValidationError("Missing data for required field.", "reason")


class ReplayRequest(RepublishRequest):
    """Which past events. With `forget`, projections consume also those that they have consumed: to rebuild them."""

    example: ClassVar = {"since": "2026-11-24T03:00:00Z", "reason": "orders was restored from a backup"}

    forget = Flag(load_default=False)
