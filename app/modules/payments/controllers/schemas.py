"""What payments takes as JSON."""

from app.web.schemas import Schema, Text


class Confirm(Schema):
    """How the customer pays."""

    payment_method = Text(required=True, longest=100)
